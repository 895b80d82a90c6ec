/** Tells the loop what happens in one engine, and finds out whether there is one. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@cep/logging/logger';
import type { Pool } from 'pg';
import { findAppIds } from '../apps/store.ts';
import { findJobApps } from '../backups/job-store.ts';
import type { Engine } from '../engine/engine.ts';
import { messageOf } from '../engine/failures.ts';
import { inTime } from '../engines/in-time.ts';
import type { Reach } from '../engines/reach.ts';
import type { Loop } from './loop.ts';

interface Deps {
  readonly name: string;
  readonly engine: Engine;
  readonly reach: Reach;
  /** Whether it is the engine that it should be; throws if not. */
  readonly meet: () => Promise<void>;
  readonly db: Pool;
  readonly loop: Loop;
  readonly log: Logger;
}

/** Everything is looked at this often, whether or not anything seems to have happened. */
const TICK_MS = 30_000;
const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 2_000;
/** An engine may hang, and a machine go without a word: it is asked this often whether it is there. */
const BEAT_MS = 5_000;
const PATIENCE_MS = 15_000;

export function startWatch({ name, engine, reach, meet, db, loop, log }: Deps): { stop(): void } {
  const stopping = new AbortController();
  const { signal } = stopping;

  /** Apps that are wanted on it, those whose backups there are worked on, and those of which something is left. */
  async function everyApp(tell: (appId: string) => void): Promise<void> {
    const known = await findAppIds(db, name);
    const jobs = await findJobApps(db, name);
    const left = await engine.apps();
    for (const appId of new Set([...known, ...jobs, ...left])) tell(appId);
  }

  const lookAt = (tell: (appId: string) => void) =>
    everyApp(tell).catch((error: unknown) => log.warn('apps not looked at', { name, error }));

  async function keepBeating(link: AbortSignal): Promise<never> {
    for (;;) {
      await inTime(engine.ping(), PATIENCE_MS, () => new Error('it does not answer'));
      await sleep(BEAT_MS, undefined, { signal: link });
    }
  }

  async function listen(link: AbortSignal): Promise<never> {
    await meet();
    const events = await engine.events(link);
    if (reach.lost()) log.info('engine is back', { name });
    reach.found();
    // What happened before is in no event: look at everything once.
    await lookAt(loop.wake);
    for await (const { appId } of events) loop.nudge(appId);
    throw new Error('its events have ended');
  }

  async function follow(): Promise<void> {
    let retry = FIRST_RETRY_MS;
    while (!signal.aborted) {
      const broken = new AbortController();
      const link = AbortSignal.any([signal, broken.signal]);
      try {
        await Promise.race([keepBeating(link), listen(link)]);
      } catch (error) {
        if (signal.aborted) return;
        // Whoever was reached until now may be back in a moment.
        if (!reach.lost()) retry = FIRST_RETRY_MS;
        if (!reach.lost()) log.warn('engine not reached', { name, error });
        reach.lose(messageOf(error));
      } finally {
        broken.abort();
        engine.hangUp();
      }
      await sleep(retry, undefined, { signal }).catch(() => {});
      retry = Math.min(LAST_RETRY_MS, retry * 2);
    }
  }

  const tick = setInterval(() => {
    if (!reach.lost()) void lookAt(loop.nudge);
  }, TICK_MS).unref();
  void follow();

  return {
    stop() {
      clearInterval(tick);
      stopping.abort();
    },
  };
}
