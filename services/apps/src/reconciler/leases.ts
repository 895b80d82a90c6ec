/**
 * Who acts on an app: one process at a time, however many run. A lease is a lock of a database
 * session, so it ends with its process; when the session is lost, so is all that was done under it.
 */
import type { Pool, PoolClient } from 'pg';
import { tryLock, unlock } from './lease-store.ts';
import type { Outcome } from './outcome.ts';

export interface Leases {
  /** Does `work` unless another process is at the app; its signal aborts when the lease is lost. */
  holding(
    appId: string,
    signal: AbortSignal,
    work: (held: AbortSignal) => Promise<Outcome>,
  ): Promise<Outcome>;
  stop(): Promise<void>;
}

/** Until it is looked whether another process is still at the app, milliseconds. */
const BUSY_MS = 1_000;

interface Session {
  readonly client: PoolClient;
  readonly lost: AbortController;
}

export function createLeases(db: Pool): Leases {
  let opening: Promise<Session> | undefined;

  async function open(): Promise<Session> {
    const client = await db.connect();
    const session = { client, lost: new AbortController() };
    client.on('error', (error) => {
      if (session.lost.signal.aborted) return;
      opening = undefined;
      session.lost.abort(new Error('the lease is lost', { cause: error }));
      client.release(error);
    });
    return session;
  }

  function session(): Promise<Session> {
    opening ??= open().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  }

  return {
    async holding(appId, signal, work) {
      const { client, lost } = await session();
      if (!(await tryLock(client, appId))) return { is: 'settled', lookAgainIn: BUSY_MS };
      try {
        return await work(AbortSignal.any([signal, lost.signal]));
      } finally {
        if (!lost.signal.aborted) await unlock(client, appId).catch(() => {});
      }
    },
    async stop() {
      const open = await opening?.catch(() => undefined);
      opening = undefined;
      if (!open || open.lost.signal.aborted) return;
      open.lost.abort(new Error('stopped'));
      // Closed, not kept: its locks must not outlive this.
      open.client.release(true);
    },
  };
}
