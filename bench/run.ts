/** `pnpm bench [NAME…]`: runs all benches or those named, and fails when a bound is not kept. */
import { readdir } from 'node:fs/promises';
import type { Bench } from './bench.ts';
import { judge, type Result, save } from './results.ts';

const SUFFIX = '.bench.ts';

const names = (await readdir(new URL('.', import.meta.url)))
  .filter((file) => file.endsWith(SUFFIX))
  .map((file) => file.slice(0, -SUFFIX.length))
  .toSorted();
const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !names.includes(name));

if (unknown === undefined) await runAll(wanted.length > 0 ? wanted : names);
else fail(`There is no bench '${unknown}'. There are: ${names.join(', ')}.`);

async function runAll(chosen: readonly string[]): Promise<void> {
  const results: Result[] = [];
  for (const name of chosen) results.push(...(await runOne(name)));
  await save(new URL('results.json', import.meta.url), results);
  print(results);
  if (!results.every(({ holds }) => holds)) fail('A bound is not kept.');
}

async function runOne(name: string): Promise<Result[]> {
  const { bench }: { bench: Bench } = await import(`./${name}${SUFFIX}`);
  const missing = bench.missing?.();
  if (missing === undefined) return (await bench.run()).map(judge);
  fail(`!!! SKIPPED ${name}: ${missing}`);
  return [];
}

function print(results: readonly Result[]): void {
  const rows = results.map(({ name, value, unit, bound, holds, peer }) => [
    name,
    `${value} ${unit}`,
    bound ?? '',
    holds ? 'holds' : 'BROKEN',
    peer ?? '',
  ]);
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  for (const row of rows) {
    const cells = row.map((cell, column) => cell.padEnd(widths[column] ?? 0));
    process.stdout.write(`${cells.join('  ').trimEnd()}\n`);
  }
}

function fail(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 1;
}
