import { randomUUID } from 'node:crypto';
import type { EventData, EventType } from '@cep/contracts/event';
import { sql } from '@cep/database/sql';
import { type Tx, transaction } from '@cep/database/transaction';
import type { Pool } from 'pg';
import type { Message, Transport } from './transport.ts';

/** States a fact. It is sent if, and only if, the transaction commits; then at once. */
export async function publish<E extends EventType>(
  tx: Tx,
  type: E,
  data: EventData<E>,
): Promise<void> {
  await tx.query(sql`
    insert into outbox (id, name, data)
    values (${randomUUID()}, ${type.name}, ${JSON.stringify(data)})
    returning pg_notify('outbox.' || current_schema(), '')`);
}

/**
 * Sends waiting events, oldest first, and forgets those that the transport has taken. A crash
 * between the two sends them again. Rows are deleted rather than passed by a cursor, so one that
 * commits late is never skipped. Of several processes one at a time sends, which keeps the order.
 *
 * @returns how many were sent; call again at once while it equals `limit`
 */
export async function relay(pool: Pool, transport: Transport, limit: number): Promise<number> {
  return transaction(pool, async (tx) => {
    const turn = await tx.query<{ mine: boolean }>(sql`
      select pg_try_advisory_xact_lock(hashtext('outbox.' || current_schema())) as mine`);
    if (!turn.rows[0]?.mine) return 0;

    const { rows } = await tx.query<Message & { seq: string }>(sql`
      select seq, id, name, data from outbox order by seq limit ${limit}`);
    if (rows.length === 0) return 0;
    await transport.send(rows);
    await tx.query(sql`delete from outbox where seq = any(${rows.map((row) => row.seq)})`);
    return rows.length;
  });
}
