/** What happens in an engine, whether or not it is lost meanwhile. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '@cep/contracts/problems';
import type { EngineEvent } from '../engine/events.ts';
import type { Engines } from '../engines/registry.ts';

interface Range {
  readonly projectId: string;
  readonly since: Date;
  readonly signal: AbortSignal;
}

type Stream = AsyncIterable<EngineEvent>;

/** How often it is looked whether an engine that was lost is back. */
const LOOK_MS = 1_000;

/**
 * Begins again where it broke off: what happened meanwhile is told then, as far as the engine remembers
 * it. Ends with the signal, and when there is no such engine any more.
 *
 * @param opened  what is followed first; nothing for an engine that is lost
 */
export async function* keepFollowing(
  engines: Pick<Engines, 'of'>,
  name: string,
  { projectId, since, signal }: Range,
  opened?: Stream,
): AsyncGenerator<EngineEvent> {
  let stream = opened;
  let last = { at: since.toISOString(), told: new Set<string>() };
  while (!signal.aborted) {
    try {
      if (!stream) {
        const { engine } = await engines.of(name);
        stream = await engine.history({
          ...{ projectId, signal, follow: true, since: new Date(last.at) },
        });
      }
      for await (const event of stream) {
        const what = `${event.id} ${event.action}`;
        // The engine tells once more what happened at that very moment.
        if (event.at === last.at && last.told.has(what)) continue;
        if (event.at !== last.at) last = { at: event.at, told: new Set() };
        last.told.add(what);
        yield event;
      }
    } catch (error) {
      if (error instanceof Problem) return;
      // It is lost: whoever follows the others goes on.
    }
    stream = undefined;
    await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
  }
}
