import { refused } from './context.ts';

const LINE = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*(?:=\s*(.*))?$/;

/**
 * Reads `NAME=value` lines; `#` begins a comment, quotes may stand around a value, and within double
 * ones `\n` is a new line. Nothing is expanded.
 *
 * @returns null for a name without a value
 * @throws {Problem} `invalid-request` that begins with `path` and names the line
 */
export function parseEnvFile(path: string, text: string): [name: string, value: string | null][] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .flatMap((line, index): [string, string | null][] => {
      const trimmed = line.trim();
      if (trimmed === '' || trimmed.startsWith('#')) return [];
      const [, name, value] = LINE.exec(trimmed) ?? [];
      if (name === undefined) throw refused(path, `has no NAME=VALUE in line ${index + 1}`);
      return [[name, value === undefined ? null : unquote(value)]];
    });
}

function unquote(text: string): string {
  const single = /^'([^']*)'\s*(?:#.*)?$/.exec(text);
  if (single) return single[1] ?? '';
  const double = /^"((?:[^"\\]|\\.)*)"\s*(?:#.*)?$/.exec(text);
  if (!double) return text.replace(/\s+#.*$/, '');
  return (double[1] ?? '').replace(/\\(.)/g, (_, escaped: string) =>
    escaped === 'n' ? '\n' : escaped === 't' ? '\t' : escaped,
  );
}
