/**
 * Tells the database which connections come and go. Those that do so while a statement is under way
 * share the next one: when a thousand agents come back at once that is a few statements, and none
 * of them waits for a connection to the database that the others hold.
 */
import type { Logger } from '@cep/logging/logger';
import type { Pool } from 'pg';
import { dropConnections, putConnections } from './store.ts';

interface Presence {
  /** @returns whether the host is still there, once that its connection is this one is written down */
  arrive(hostId: string, connection: string): Promise<boolean>;
  leave(connection: string): void;
  /** Ends when everything is written down. */
  stop(): Promise<void>;
}

interface Waiting {
  readonly hostId: string;
  readonly connection: string;
  readonly settle: (isThere: boolean) => void;
  readonly fail: (error: unknown) => void;
}

export function createPresence(db: Pool, log: Logger): Presence {
  let arriving: Waiting[] = [];
  let leaving: string[] = [];
  let working: Promise<void> | undefined;

  async function work(): Promise<void> {
    await Promise.resolve();
    while (arriving.length > 0 || leaving.length > 0) {
      const [came, left] = [arriving, leaving];
      [arriving, leaving] = [[], []];
      // In this order: a connection may have come and gone since the last time.
      if (came.length > 0) await writeArrivals(came);
      if (left.length > 0) {
        await dropConnections(db, left).catch((error: unknown) =>
          log.warn('connections not noted as ended', { count: left.length, error }),
        );
      }
    }
    working = undefined;
  }

  async function writeArrivals(came: readonly Waiting[]): Promise<void> {
    try {
      const newest = new Map(came.map((each) => [each.hostId, each]));
      const there = new Set(await putConnections(db, [...newest.values()]));
      for (const { hostId, settle } of came) settle(there.has(hostId));
    } catch (error) {
      for (const { fail } of came) fail(error);
    }
  }

  function begin(): void {
    working ??= work();
  }

  return {
    arrive: (hostId, connection) =>
      new Promise((settle, fail) => {
        arriving.push({ hostId, connection, settle, fail });
        begin();
      }),
    leave(connection) {
      leaving.push(connection);
      begin();
    },
    async stop() {
      await working;
    },
  };
}
