import type { Logger } from '@cep/logging/logger';
import type { Pool } from 'pg';
import { deleteExpired } from './store.ts';

const SWEEP_MS = 60 * 60 * 1_000;

/** Deletes expired credentials, now and every hour. They are refused whether swept or not. */
export function keepSweeping(db: Pool, log: Logger): { stop(): void } {
  const sweep = () => {
    deleteExpired(db).catch((error: unknown) => log.warn('expired tokens not swept', { error }));
  };
  sweep();
  const timer = setInterval(sweep, SWEEP_MS).unref();
  return { stop: () => clearInterval(timer) };
}
