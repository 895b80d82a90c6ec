import { setTimeout as sleep } from 'node:timers/promises';

/** Waits, but not beyond `stop`. */
export const pause = (ms: number, stop: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal: stop }).catch(() => {});
