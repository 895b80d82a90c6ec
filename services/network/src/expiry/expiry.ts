/** States what is about to end, while something can still be done. */
import { HostExpiring } from '@cep/contracts/hosts';
import { AuthorityExpiring } from '@cep/contracts/rotations';
import { transaction } from '@cep/database/transaction';
import type { Logger } from '@cep/logging/logger';
import { publish } from '@cep/messaging/outbox';
import type { Pool } from 'pg';
import { takeExpiringAuthorities, takeExpiringCertificates } from './store.ts';

const ROUND_MS = 60 * 60 * 1_000;

/** The first round is at once. */
export function keepWarning(db: Pool, log: Logger): { stop(): Promise<void> } {
  let working = Promise.resolve();
  const work = () => {
    working = working
      .then(() => warn(db))
      .catch((error: unknown) => log.warn('expiry not looked at', { error }));
  };
  const timer = setInterval(work, ROUND_MS);
  work();
  return {
    async stop() {
      clearInterval(timer);
      await working;
    },
  };
}

const warn = (db: Pool): Promise<void> =>
  transaction(db, async (tx) => {
    for (const { expiresAt, ...rest } of await takeExpiringCertificates(tx)) {
      await publish(tx, HostExpiring, { ...rest, expiresAt: expiresAt.toISOString() });
    }
    for (const { expiresAt, ...rest } of await takeExpiringAuthorities(tx)) {
      await publish(tx, AuthorityExpiring, { ...rest, expiresAt: expiresAt.toISOString() });
    }
  });
