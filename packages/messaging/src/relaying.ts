import type { Logger } from '@cep/logging/logger';
import pg from 'pg';
import { type Bell, createBell } from './bell.ts';
import { relay } from './outbox.ts';
import type { Transport } from './transport.ts';

interface Deps {
  readonly db: pg.Pool;
  readonly log: Logger;
  readonly transport: Transport;
  readonly stopping: AbortSignal;
}

const BATCH = 100;

/** How often to look without a notice: for what was lost with a connection, here or at the broker. */
const POLL_MS = 1_000;

/**
 * Sends what is in the outbox, and each event as soon as its transaction commits. Never rejects.
 *
 * @returns when the batch that was under way at `stopping` has ended
 */
export async function keepRelaying({ db, log, transport, stopping }: Deps): Promise<void> {
  const bell = createBell();
  stopping.addEventListener('abort', () => bell.ring(), { once: true });
  let notices: pg.Client | undefined;
  while (!stopping.aborted) {
    try {
      notices ??= await listen(db, bell, () => {
        notices = undefined;
      });
      while (transport.state() === 'connected' && !stopping.aborted) {
        if ((await relay(db, transport, BATCH)) < BATCH) break;
      }
    } catch (error) {
      log.warn('events wait in the outbox', { error });
    }
    await bell.wait(POLL_MS);
  }
  await notices?.end();
}

/** Rings at every commit that left events; calls `lost` when its connection is. */
async function listen(db: pg.Pool, bell: Bell, lost: () => void): Promise<pg.Client> {
  const client = new pg.Client(db.options);
  client.on('error', lost);
  client.on('end', lost);
  client.on('notification', () => bell.ring());
  try {
    await client.connect();
    const { rows } = await client.query<{ listen: string }>(
      `select format('listen %I', 'outbox.' || current_schema()) as listen`,
    );
    await client.query(rows[0]?.listen ?? '');
    return client;
  } catch (error) {
    await client.end();
    throw error;
  }
}
