/** Whether one engine is reached, and what that means for whoever asks it something. */
import { setMaxListeners } from 'node:events';
import type { Engine } from '../engine/engine.ts';
import { EngineAway, isAway, type Lost, messageOf } from '../engine/failures.ts';
import { inTime } from './in-time.ts';

export interface Reach {
  /** Since when and why it is not reached; nothing while it is. */
  lost(): Lost | undefined;
  /** Since when it is reached without a break, milliseconds since 1970; 0: it was not yet. */
  foundAt(): number;
  /** It answers again. */
  found(): void;
  /** It does not answer any more: all that waits for it fails now. */
  lose(why: string): void;
  /** @throws {EngineAway} at once while the engine is lost, and as soon as it is */
  during<T>(work: () => Promise<T>): Promise<T>;
}

/** An engine counts as reached until it was missed. */
export function createReach(engine: string): Reach {
  let lost: Lost | undefined;
  let broken = link();
  let foundAt = 0;

  return {
    lost: () => lost,
    foundAt: () => foundAt,
    found() {
      foundAt = Date.now();
      if (!lost) return;
      lost = undefined;
      broken = link();
    },
    lose(why) {
      lost = { engine, since: lost?.since ?? new Date(), why };
      broken.abort(new EngineAway(lost));
    },
    async during(work) {
      if (lost) throw new EngineAway(lost);
      const { signal } = broken;
      let giveUp = () => {};
      const gaveUp = new Promise<never>((_, reject) => {
        giveUp = () => reject(signal.reason);
        signal.addEventListener('abort', giveUp, { once: true });
      });
      try {
        return await Promise.race([work(), gaveUp]);
      } catch (error) {
        if (error instanceof EngineAway || !isAway(error)) throw error;
        throw new EngineAway({ engine, since: new Date(), why: messageOf(error) }, error);
      } finally {
        signal.removeEventListener('abort', giveUp);
      }
    },
  };
}

/** Whatever is asked at the same time waits for its end. */
function link(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}

/** What is answered at once, whatever it is about; the rest takes as long as its work. */
const READS: ReadonlySet<string> = new Set<keyof Engine>([
  ...(['ping', 'describe', 'abilities', 'hasImage', 'apps', 'containers', 'networks'] as const),
  ...(['volumes', 'volumesOf', 'volumeFolder', 'logs', 'events', 'history'] as const),
  ...(['resolve', 'processes', 'execState', 'loneHelpers'] as const),
]);

/** An engine may answer whether it is there, and nothing else. */
const PATIENCE_MS = 60_000;

/** The same engine; nothing that it is asked waits longer than it is reached, and reads not for ever. */
export function within(engine: Engine, reach: Reach, patience = PATIENCE_MS): Engine {
  const asked = Object.entries(engine).map(([name, ask]) => [
    name,
    (...given: unknown[]) =>
      reach.during(() =>
        READS.has(name) ? inTime(ask(...given), patience, () => silentAbout(name)) : ask(...given),
      ),
  ]);
  return { ...(Object.fromEntries(asked) as Engine), hangUp: engine.hangUp };
}

const silentAbout = (name: string): Error =>
  Object.assign(new Error(`it does not answer when asked for ${name}`), { code: 'ETIMEDOUT' });
