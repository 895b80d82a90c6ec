import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '@cep/contracts/problems';

/** A code lasts longer. */
const PATIENCE_SECONDS = 10 * 60;

/** Those who are put off together come back apart. */
const SPREAD_SECONDS = 5;

/**
 * Asks again whenever the server says that it is asked too often, when it says that it may be.
 *
 * @param waits  told of each wait, in whole seconds
 * @throws what `ask` throws; also `too-many-requests`, rather than wait for more than ten minutes
 */
export async function inTurn<T>(
  ask: () => Promise<T>,
  waits: (seconds: number) => void,
  pause: (ms: number) => Promise<void> = sleep,
): Promise<T> {
  for (let left = PATIENCE_SECONDS; ; ) {
    try {
      return await ask();
    } catch (error) {
      const seconds = secondsToWait(error);
      left -= seconds;
      if (left < 0) throw error;
      waits(seconds);
      await pause(seconds * 1_000);
    }
  }
}

/** @throws `error` when it is another one */
function secondsToWait(error: unknown): number {
  const after =
    error instanceof Problem &&
    error.code === 'too-many-requests' &&
    error.members.retryAfterSeconds;
  if (typeof after !== 'number') throw error;
  return after + Math.ceil(Math.random() * SPREAD_SECONDS);
}
