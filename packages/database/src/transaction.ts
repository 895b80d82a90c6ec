import type { Pool, PoolClient } from 'pg';

declare const open: unique symbol;

/** A client inside an open transaction. Only {@link transaction} makes one. */
export type Tx = PoolClient & { readonly [open]: true };

/** Whatever can run one statement. Reads take this; writes that belong together take a {@link Tx}. */
export type Db = Pool | Tx;

/**
 * Runs `work` in one transaction: commits what it returns, rolls back what it throws.
 *
 * @throws what `work` threw; or an Error when nothing was committed because `work` caught the
 *   failure of one of its statements, after which Postgres refuses the whole transaction
 */
export const transaction = <T>(pool: Pool, work: (tx: Tx) => Promise<T>): Promise<T> =>
  run(pool, 'begin', work);

/** Runs reads that see one state of the database, whatever else commits meanwhile. */
export const snapshot = <T>(pool: Pool, work: (tx: Tx) => Promise<T>): Promise<T> =>
  run(pool, 'begin isolation level repeatable read read only', work);

async function run<T>(pool: Pool, begin: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const lose = (error: Error) => {
    broken = error;
  };
  // The pool listens to idle clients only: a connection lost in here would end the process.
  client.on('error', lose);
  try {
    await client.query(begin);
    const result = await work(client as Tx);
    const { command } = await client.query('commit');
    if (command !== 'COMMIT') throw new Error('rolled back: a statement had failed before');
    return result;
  } catch (error) {
    await client.query('rollback').catch(lose);
    if (isStale(error)) lose(error);
    throw error;
  } finally {
    client.off('error', lose);
    client.release(broken);
  }
}

/** A table was changed by a newer version of the program: what this connection prepared is no good. */
const isStale = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && error.code === FEATURE_NOT_SUPPORTED;

/** PostgreSQL's "cached plan must not change result type", RevalidateCachedQuery in plancache.c. */
const FEATURE_NOT_SUPPORTED = '0A000';
