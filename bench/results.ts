import { readFile, writeFile } from 'node:fs/promises';
import { arch, cpus, loadavg, release, totalmem } from 'node:os';
import type { Measurement } from './bench.ts';

/** A line of `results.json`. */
export interface Result {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** e.g. `>= 20`; null where nothing is demanded. */
  readonly bound: string | null;
  readonly holds: boolean;
  readonly peer: string | null;
  readonly machine: string;
  /** Processes that wanted a processor on average in the last minute, the bench's own included. */
  readonly load: number;
  /** ISO 8601, UTC. */
  readonly date: string;
}

/** Judges a measurement by its bound; numbers keep three significant digits. */
export function judge({ name, value, unit, bound, peer }: Measurement): Result {
  const holds =
    bound === undefined || ('atMost' in bound ? value <= bound.atMost : value >= bound.atLeast);
  return {
    name,
    value: Number(value.toPrecision(3)),
    unit,
    bound: bound ? describe(bound) : null,
    holds,
    peer: peer ?? null,
    machine: machine(),
    load: Number((loadavg()[0] ?? 0).toFixed(1)),
    date: new Date().toISOString(),
  };
}

/** Puts results among those of earlier runs: one of the same name takes the place of the older. */
export async function save(file: URL, results: readonly Result[]): Promise<void> {
  const kept = new Map((await load(file)).map((result) => [result.name, result]));
  for (const result of results) kept.set(result.name, result);
  const sorted = [...kept.values()].toSorted((a, b) => a.name.localeCompare(b.name));
  await writeFile(file, `${JSON.stringify(sorted, undefined, 2)}\n`);
}

async function load(file: URL): Promise<Result[]> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

const describe = (bound: NonNullable<Measurement['bound']>): string =>
  'atMost' in bound ? `<= ${bound.atMost}` : `>= ${bound.atLeast}`;

function machine(): string {
  const processors = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const model = processors[0]?.model.trim() || arch();
  return `${processors.length} x ${model}, ${memory} GB, Linux ${release()}, Node ${process.version}`;
}
