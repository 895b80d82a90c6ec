import { setTimeout as sleep } from 'node:timers/promises';
import { checker } from '@cep/contracts/check';
import type { EventData, EventType } from '@cep/contracts/event';
import { sql } from '@cep/database/sql';
import { type Tx, transaction } from '@cep/database/transaction';
import type { Logger } from '@cep/logging/logger';
import type { Pool } from 'pg';
import type { Message, Queue } from './transport.ts';

/** What a service does about one kind of event. */
export interface Subscription<E extends EventType = EventType> {
  /** Durable queue, named `service.what-it-does`, e.g. `network.name-apps`. */
  readonly queue: string;
  readonly event: E;
  /** Its writes, and the note that it ran, commit together: it takes effect once per event. */
  // A method and not a member, so that subscriptions to different events fit in one list.
  handle(tx: Tx, data: EventData<E>): Promise<void>;
}

interface Deps {
  readonly db: Pool;
  readonly log: Logger;
  readonly stopping: AbortSignal;
}

/** How often to try a database that does not answer. */
const AWAY_MS = 500;

/** A queue whose messages take effect exactly once, however often the transport delivers them. */
export function createQueue({ db, log, stopping }: Deps, subscription: Subscription): Queue {
  const { queue, event } = subscription;
  const check = checker(event.data, event.name);

  /** Runs `work` unless the message was settled before; its writes and the settling commit together. */
  const settle = (message: Message, work: (tx: Tx) => Promise<unknown>) =>
    transaction(db, async (tx) => {
      const { rowCount } = await tx.query(sql`
        insert into inbox (queue, message_id) values (${queue}, ${message.id})
        on conflict do nothing`);
      if (rowCount === 1) await work(tx);
    });

  return {
    name: queue,
    event: event.name,
    async receive(message) {
      const data = check(message.data);
      // A database that is away is not the message's fault: wait, so that this counts as no retry.
      for (;;) {
        try {
          return await settle(message, (tx) => subscription.handle(tx, data));
        } catch (error) {
          if (stopping.aborted || (await answers(db))) throw error;
          log.warn('no database, events wait', { queue, error });
          await sleep(AWAY_MS, undefined, { signal: stopping });
        }
      }
    },
    async bury(message, error) {
      await settle(message, (tx) =>
        tx.query(sql`
          insert into dead_letters (queue, message_id, name, data, reason)
          values (${queue}, ${message.id}, ${message.name}, ${JSON.stringify(message.data)},
                  ${String(error)})`),
      );
    },
  };
}

const answers = (db: Pool): Promise<boolean> =>
  db.query('select 1').then(
    () => true,
    () => false,
  );

/** Forgets what was settled more than 30 days ago. */
export async function prune(db: Pool): Promise<void> {
  await db.query(sql`delete from inbox where received_at < now() - interval '30 days'`);
}
