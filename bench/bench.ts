import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a file `NAME.bench.ts` exports as `bench`. */
export interface Bench {
  /** What is missing on this machine, as a sentence; undefined when nothing is. */
  readonly missing?: () => string | undefined;
  /** Measures ours and the peer in turn. */
  readonly run: () => Promise<Measurement[]>;
}

/** One number, and what it must keep to. */
export interface Measurement {
  readonly name: string;
  readonly value: number;
  /** Of `value` and of the bound, e.g. `x`, `ms`, `MB`, `1/s`. */
  readonly unit: string;
  /** The value must be at most, or at least, this; without one it is only written down. */
  readonly bound?: { readonly atMost: number } | { readonly atLeast: number };
  /** What it was measured against, and what that came to. */
  readonly peer?: string;
}

/** The middle value; of an even number the lower of the two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

/** Runs `work` in a folder of its own, which is removed afterwards. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'cep-bench-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
