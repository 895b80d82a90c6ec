/** What happens in one engine, as it happens. */
import type Docker from 'dockerode';
import { type EngineEvent, toEvents } from './events.ts';
import type { createInspected } from './inspected.ts';
import type { Ours } from './ours.ts';

interface History {
  readonly projectId: string;
  readonly since: Date;
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

export interface Happenings {
  /** Those from now on; ends, or throws, when the engine goes away. */
  events(signal: AbortSignal): Promise<AsyncIterable<EngineEvent>>;
  /** Those of one project since then, as far as the engine remembers; and when following, the next. */
  history(range: History): Promise<AsyncIterable<EngineEvent>>;
}

export function happeningsOf(
  docker: Docker,
  ours: Ours,
  inspected: ReturnType<typeof createInspected>,
): Happenings {
  const streamed = async (filter: { readonly label: string[] }, options: object) => {
    const filters = JSON.stringify({ type: ['container'], ...filter });
    return toEvents(await docker.getEvents({ filters, ...options }));
  };
  return {
    async events(signal) {
      return inspected.following(await streamed(ours.all, { abortSignal: signal }));
    },
    async history({ projectId, since, follow, signal }) {
      const until = follow ? {} : { until: seconds(new Date()) };
      const range = { since: seconds(since), ...until, abortSignal: signal };
      return streamed(ours.project(projectId), range);
    },
  };
}

/** The engine takes parts of them too. */
const seconds = (time: Date): number => time.getTime() / 1000;
