/** What the tests of this package, and the processes that they kill, have in common. */
import { event } from '@cep/contracts/event';
import { Type } from '@cep/contracts/schema';
import { transaction } from '@cep/database/transaction';
import type { Pool } from 'pg';
import { inProcess } from './in-process.ts';
import type { Subscription } from './inbox.ts';
import { publish } from './outbox.ts';
import { rabbit } from './rabbit.ts';
import type { Transport } from './transport.ts';

export const silent = { info() {}, warn() {}, error() {} };

/** An event of one test's own, so that tests may share a broker. */
export const counted = (test: string) =>
  event(`test.${test}.counted`, Type.Object({ n: Type.Integer() }));

/** Notes each number that arrives; `before` may refuse it. */
export function noting(
  test: string,
  queue = `test.${test}`,
  before = async (_n: number) => {},
): Subscription<ReturnType<typeof counted>> {
  return {
    queue,
    event: counted(test),
    async handle(tx, { n }) {
      await before(n);
      await tx.query('insert into noted (queue, n) values ($1, $2)', [queue, n]);
    },
  };
}

/** What was noted, in the order of arrival. */
export async function noted(db: Pool, queue: string): Promise<number[]> {
  const { rows } = await db.query('select n from noted where queue = $1 order by seq', [queue]);
  return rows.map((row: { n: number }) => row.n);
}

/** States the numbers, in one transaction. */
export const count = (db: Pool, test: string, numbers: readonly number[]): Promise<void> =>
  transaction(db, async (tx) => {
    for (const n of numbers) await publish(tx, counted(test), { n });
  });

/** `in-process`, or the URL of a broker. */
export function createTransport(over: string): Transport {
  if (over !== 'in-process') return rabbit(over, silent);
  const transport = inProcess(silent);
  transport.open();
  return transport;
}
