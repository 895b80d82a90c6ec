/**
 * Remembers what containers were found to be, for as long as the engine tells of every change and
 * the list, which is always asked for, agrees. Looking at what has not changed then costs one call.
 */
import type { ContainerInfo, ContainerInspectInfo } from 'dockerode';
import type { EngineEvent } from './events.ts';

type Detail = ContainerInspectInfo;

interface Known {
  readonly detail: Detail;
  readonly mark: string;
}

export function createInspected(inspect: (id: string) => Promise<Detail | undefined>) {
  const known = new Map<string, Known>();
  let isFollowing = false;
  /** So that what was asked before a change is not kept after it. */
  let changes = 0;

  return {
    /** @returns nothing when the container has gone meanwhile */
    async of(listed: Pick<ContainerInfo, 'Id' | 'State' | 'Status'>): Promise<Detail | undefined> {
      const mark = markOf(listed);
      const before = known.get(listed.Id);
      if (before?.mark === mark) return before.detail;
      const asked = changes;
      const detail = await inspect(listed.Id);
      if (detail && isFollowing && asked === changes) known.set(listed.Id, { detail, mark });
      return detail;
    },
    /** After a change of it that its state does not show. */
    forget(id: string): void {
      changes += 1;
      known.delete(id);
    },
    /** Passes `events` on; what was known of a container is forgotten with each. */
    async *following(events: AsyncIterable<EngineEvent>): AsyncGenerator<EngineEvent> {
      isFollowing = true;
      try {
        for await (const event of events) {
          changes += 1;
          known.delete(event.id);
          yield event;
        }
      } finally {
        isFollowing = false;
        changes += 1;
        known.clear();
      }
    },
  };
}

/** e.g. `running healthy`, `exited 137`: what the list tells of the state itself. */
const markOf = ({ State, Status }: Pick<ContainerInfo, 'State' | 'Status'>): string =>
  `${State} ${/\((?:health: )?([^)]+)\)/.exec(Status)?.[1] ?? ''}`;
