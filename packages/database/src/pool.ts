import type { Logger } from '@cep/logging/logger';
import pg from 'pg';

/**
 * A program's connections to its schema: at most ten, opened when needed. A lost idle connection is
 * logged and replaced; a request that cannot have one within five seconds fails. No statement may
 * run, and no transaction may idle, for longer than a minute.
 *
 * @param url  with the role that {@link provision} made, whose search path is its own schema
 */
export function connect(url: string, log: Logger): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    pipeline: true,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    statement_timeout: 60_000,
    idle_in_transaction_session_timeout: 60_000,
  });
  pool.on('error', (error) => log.warn('idle database connection lost', { error }));
  return pool;
}
