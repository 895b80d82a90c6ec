/** Tells the loop what happens in the engine, and whether there is one. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@cep/logging/logger';
import type { Pool } from 'pg';
import { findAppIds } from '../apps/store.ts';
import { findJobApps } from '../backups/job-store.ts';
import type { Engine } from '../engine/engine.ts';
import type { Loop } from './loop.ts';

interface Deps {
  readonly engine: Engine;
  readonly db: Pool;
  readonly loop: Loop;
  readonly log: Logger;
}

export interface Watch {
  /** False from when the engine was missed until it is back. */
  isUp(): boolean;
  stop(): void;
}

/** Everything is looked at this often, whether or not anything seems to have happened. */
const TICK_MS = 30_000;
const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 2_000;

export function startWatch({ engine, db, loop, log }: Deps): Watch {
  const stopping = new AbortController();
  const { signal } = stopping;
  let isUp = true;

  /** Apps that are wanted, those whose backups are worked on, and those of which something is left. */
  async function everyApp(tell: (appId: string) => void): Promise<void> {
    const known = await findAppIds(db);
    const jobs = await findJobApps(db);
    const left = await engine.apps();
    for (const appId of new Set([...known, ...jobs, ...left])) tell(appId);
  }

  async function follow(): Promise<void> {
    for (let retry = FIRST_RETRY_MS; !signal.aborted; retry = Math.min(LAST_RETRY_MS, retry * 2)) {
      try {
        const events = await engine.events(signal);
        if (!isUp) log.info('engine is back');
        isUp = true;
        retry = FIRST_RETRY_MS;
        // What happened before is in no event: look at everything once.
        await everyApp(loop.wake);
        for await (const { appId } of events) loop.nudge(appId);
      } catch (error) {
        if (!signal.aborted && isUp) log.warn('engine not reached', { error });
      }
      if (signal.aborted) return;
      isUp = false;
      await sleep(retry, undefined, { signal }).catch(() => {});
    }
  }

  const tick = setInterval(() => {
    if (!isUp) return;
    everyApp(loop.nudge).catch((error: unknown) => log.warn('apps not looked at', { error }));
  }, TICK_MS).unref();
  void follow();

  return {
    isUp: () => isUp,
    stop() {
      clearInterval(tick);
      stopping.abort();
    },
  };
}
