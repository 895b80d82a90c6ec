import type { Logger } from '@cep/logging/logger';
import { createPoolSweep } from '../pools/sweep.ts';
import { type Deps as RemoveDeps, removeDue } from './remove.ts';
import { findDue } from './store.ts';

interface Deps extends RemoveDeps {
  readonly log: Logger;
}

const SWEEP_MS = 10 * 60 * 1_000;

/** Deletes volumes whose time has come, now and every ten minutes. One that cannot go stays due. */
export function keepSweeping(deps: Deps): { stop(): void } {
  const sweepPools = createPoolSweep(deps);
  const sweep = async () => {
    for (const due of await findDue(deps.db)) {
      await removeDue(deps, due).catch((error: unknown) =>
        deps.log.warn('volume not deleted', { volume: due.volume, error }),
      );
    }
    await sweepPools();
  };
  const run = () => {
    sweep().catch((error: unknown) => deps.log.warn('volumes not swept', { error }));
  };
  run();
  const timer = setInterval(run, SWEEP_MS).unref();
  return { stop: () => clearInterval(timer) };
}
