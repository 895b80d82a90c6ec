import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for `work`, but no longer than `ms`; work that is late goes on unattended. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const enough = new AbortController();
  try {
    await Promise.race([work, sleep(ms, undefined, { signal: enough.signal })]);
  } finally {
    enough.abort();
  }
}
