import { type Deps, workIn } from './run.ts';
import type { PoolRow } from './store.ts';

/** @returns what the script `measure` prints */
export type Measuring = (
  deps: Deps,
  pool: Pick<PoolRow, 'name'> & { readonly path: string },
) => Promise<readonly string[]>;

/** How long a disk may take, milliseconds: a pool may have many files. */
const PATIENCE_MS = 30_000;

/** Measures each pool once at a time, however many ask. */
export function createMeasuring(): Measuring {
  const running = new Map<string, Promise<readonly string[]>>();
  return (deps, { name, path }) => {
    const asked = running.get(name);
    if (asked) return asked;
    const begun = workIn(deps, { do: 'measure', path }, PATIENCE_MS).finally(() =>
      running.delete(name),
    );
    running.set(name, begun);
    return begun;
  };
}
