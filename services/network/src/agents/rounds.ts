import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@cep/logging/logger';

/** After a round that failed, e.g. without a database. */
const RETRY_MS = 1_000;

interface Deps {
  readonly log: Logger;
  /** @param hostIds  absent: every host of the network */
  readonly run: (networkId: string, hostIds?: readonly string[]) => Promise<void>;
}

interface Rounds {
  /** What is asked for while a round is under way is one round more, however often. */
  ask(networkId: string, hostIds?: readonly string[]): void;
  /** Takes no more, and ends when what is under way has. */
  stop(): Promise<void>;
}

/** Work that is done in rounds, one at a time for each network. */
export function createRounds({ log, run }: Deps): Rounds {
  const waiting = new Map<string, Set<string> | 'all'>();
  const working = new Map<string, Promise<void>>();
  const stopping = new AbortController();
  const { signal } = stopping;

  async function work(networkId: string): Promise<void> {
    for (let asked = take(networkId); asked && !signal.aborted; asked = take(networkId)) {
      try {
        await (asked === 'all' ? run(networkId) : run(networkId, [...asked]));
      } catch (error) {
        log.warn('bundles were not sent', { networkId, error });
        note(networkId, asked);
        await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
      }
    }
    working.delete(networkId);
  }

  function take(networkId: string): Set<string> | 'all' | undefined {
    const asked = waiting.get(networkId);
    waiting.delete(networkId);
    return asked;
  }

  function note(networkId: string, asked: Iterable<string> | 'all'): void {
    const before = waiting.get(networkId);
    const isAll = asked === 'all' || before === 'all';
    waiting.set(networkId, isAll ? 'all' : new Set([...(before ?? []), ...asked]));
  }

  return {
    ask(networkId, hostIds) {
      if (signal.aborted) return;
      note(networkId, hostIds ?? 'all');
      if (!working.has(networkId))
        working.set(
          networkId,
          Promise.resolve().then(() => work(networkId)),
        );
    },
    async stop() {
      stopping.abort();
      await Promise.all(working.values());
    },
  };
}
