import { printable } from './printable.ts';

/** What each column shows of a row, by heading. */
export type Columns<Row> = Readonly<Record<string, (row: Row) => string>>;

/**
 * Rows as aligned text for people; machines use `--json`.
 *
 * @param none  what to say in place of headings above nothing
 */
export function table<Row>(rows: readonly Row[], columns: Columns<Row>, none?: string): string {
  if (rows.length === 0 && none !== undefined) return none;
  const lines = [
    Object.keys(columns),
    ...rows.map((row) => Object.values(columns).map((show) => show(row))),
  ];
  return align(lines);
}

/** One thing as aligned lines of name and value; nothing is shown of what has no value. */
export function card(facts: Readonly<Record<string, string | null | undefined>>): string {
  const known = Object.entries(facts).filter((fact): fact is [string, string] => Boolean(fact[1]));
  return align(known.map(([name, value]) => [`${name}:`, value]));
}

function align(raw: readonly (readonly string[])[]): string {
  const lines = raw.map((cells) => cells.map(printable));
  const widths = (lines[0] ?? []).map((_, i) =>
    Math.max(...lines.map((cells) => cells[i]?.length ?? 0)),
  );
  return lines
    .map((cells) =>
      cells
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
