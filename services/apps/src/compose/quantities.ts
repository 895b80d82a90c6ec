/** Sizes, durations and command lines as compose writes them. */
import { Problem } from '@cep/contracts/problems';

const SIZE_UNITS: Record<string, number> = { b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };
const DURATION_UNITS: Record<string, number> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** `64m`, `1.5gb`, `512k` or bytes, in powers of 1024; undefined when it is not a size above zero. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d{1,15}(?:\.\d{1,6})?)\s?(?:([bkmgt])b?)?$/i.exec(text);
  if (!match) return undefined;
  const bytes = Math.round(Number(match[1]) * (SIZE_UNITS[(match[2] ?? 'b').toLowerCase()] ?? 1));
  return bytes > 0 && Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** `1m30s`, `500ms`, `1.5h` in milliseconds; undefined when it is not a duration. `0` is one. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  if (!/^(\d{1,9}(\.\d{1,6})?(us|ms|s|m|h))+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/([\d.]+)(us|ms|s|m|h)/g)];
  return parts.reduce((sum, [, count, unit = '']) => {
    return sum + Number(count) * (DURATION_UNITS[unit] ?? 0);
  }, 0);
}

/** @throws {Problem} `invalid-request` that begins with `path` */
export function sizeAt(path: string, text: string): number {
  const bytes = parseSize(text);
  if (bytes !== undefined) return bytes;
  throw new Problem('invalid-request', `${path} must be a size such as 64m, not "${text}".`);
}

/** @throws {Problem} `invalid-request` that begins with `path` */
export function durationAt(path: string, text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined) return milliseconds;
  throw new Problem('invalid-request', `${path} must be a duration such as 1m30s, not "${text}".`);
}

/**
 * The mode of a file, in octal whatever YAML makes of its zero: `0440` or `0o440`.
 *
 * @throws {Problem} `invalid-request` that begins with `path`
 */
export function modeAt(path: string, text: string): number {
  const digits = /^0?o?([0-7]{3,4})$/.exec(text)?.[1];
  if (digits !== undefined && (text.startsWith('0') || digits.length === 4)) {
    return Number.parseInt(digits, 8);
  }
  throw new Problem('invalid-request', `${path} must be a mode such as 0440, not "${text}".`);
}

/** One word: bare characters, escapes, and quoted pieces, in any mixture. */
const WORD = /\s*((?:[^\s'"\\]+|\\[^]|'[^']*'|"(?:[^"\\]|\\[^])*")+)\s*/y;
const PIECE = /\\([^])|'([^']*)'|"((?:[^"\\]|\\[^])*)"/g;

/**
 * Splits a command line as a shell does, without expanding anything: quotes and backslashes count.
 *
 * @throws {Problem} `invalid-request` that begins with `path`, for a quote that is never closed
 */
export function splitWords(path: string, line: string): string[] {
  const words: string[] = [];
  WORD.lastIndex = 0;
  for (let at = 0; at < line.trimEnd().length; at = WORD.lastIndex) {
    const word = WORD.exec(line)?.[1];
    if (word === undefined) {
      throw new Problem('invalid-request', `${path} has a quote or a backslash that never ends.`);
    }
    words.push(
      word.replace(PIECE, (_, escaped, single, double) => {
        return escaped ?? single ?? double.replace(/\\(["\\$`])/g, '$1');
      }),
    );
  }
  return words;
}
