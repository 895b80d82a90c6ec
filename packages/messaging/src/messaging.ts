import type { Logger } from '@cep/logging/logger';
import type { Pool } from 'pg';
import { createQueue, prune, type Subscription } from './inbox.ts';
import { keepRelaying } from './relaying.ts';
import { STOP_MS, type Transport, type TransportState } from './transport.ts';
import { within } from './within.ts';

interface Deps {
  readonly db: Pool;
  readonly log: Logger;
  readonly transport: Transport;
  readonly subscriptions: readonly Subscription[];
}

interface Messaging {
  /** For health: while `reconnecting`, events wait in the outbox and in the broker. */
  state(): TransportState;
  /** Ends what is under way, in four seconds at most. Then the pool may be ended. */
  stop(): Promise<void>;
}

/** For what comes after the handlers: telling the broker, ending the batch. */
const CLOSE_MS = 1_000;

const PRUNE_MS = 60 * 60 * 1_000;

/**
 * Sends what this service publishes and hands it what it subscribed to, until stopped. Returns at
 * once: without a broker the service works, and its events wait.
 */
export function startMessaging({ db, log, transport, subscriptions }: Deps): Messaging {
  const stopping = new AbortController();
  const { signal } = stopping;
  transport.start(subscriptions.map((each) => createQueue({ db, log, stopping: signal }, each)));
  const relaying = keepRelaying({ db, log, transport, stopping: signal });
  const pruning = setInterval(() => {
    prune(db).catch((error: unknown) => log.warn('inbox not pruned', { error }));
  }, PRUNE_MS).unref();

  return {
    state: () => transport.state(),
    async stop() {
      clearInterval(pruning);
      stopping.abort();
      const stopped = transport.close().then(() => relaying);
      await within(STOP_MS + CLOSE_MS, stopped);
    },
  };
}
