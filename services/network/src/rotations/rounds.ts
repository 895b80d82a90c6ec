import type { Logger } from '@cep/logging/logger';
import type { Deps } from '../deps.ts';
import { goOn } from './rotations.ts';
import { findRotating } from './store.ts';

/** How often rotations are looked after that nothing else moved, e.g. because we were not running. */
const ROUND_MS = 30_000;

/** The first round is at once. */
export function keepRotating(deps: Deps, log: Logger): { stop(): Promise<void> } {
  let working = Promise.resolve();
  const round = async () => {
    for (const networkId of await findRotating(deps.db)) await goOn(deps, networkId);
  };
  const work = () => {
    working = working
      .then(round)
      .catch((error: unknown) => log.warn('rotation does not go on', { error }));
  };
  const timer = setInterval(work, ROUND_MS);
  work();
  return {
    async stop() {
      clearInterval(timer);
      await working;
    },
  };
}
