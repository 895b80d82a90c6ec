import type { Logger } from '@cep/logging/logger';
import pg from 'pg';

/** How long after a lost connection a new one is made. */
const RECONNECT_MS = 1_000;

interface Notices {
  /** Its options are used, for a connection apart from it. */
  readonly db: pg.Pool;
  readonly log: Logger;
  /** Of the schema: `NAME.SCHEMA` is what `pg_notify` is called with. */
  readonly name: string;
  /** Called for each notice, with its payload. */
  readonly hear: (payload: string) => void;
  /** Called whenever a connection was made: notices before it were missed. */
  readonly connected: () => void;
}

/** Listens until it is stopped, across lost connections. */
export function listenToNotices(notices: Notices): { stop(): Promise<void> } {
  let stopped = false;
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;

  async function connect(): Promise<void> {
    const made = new pg.Client({ ...notices.db.options, keepAlive: true });
    client = made;
    let isLost = false;
    const lose = (error?: unknown) => {
      if (isLost) return;
      isLost = true;
      if (stopped) return;
      notices.log.warn('notices are not heard', { error });
      void made.end().catch(() => {});
      timer = setTimeout(() => void connect(), RECONNECT_MS);
    };
    made.on('error', lose).on('end', lose);
    made.on('notification', ({ payload = '' }) => notices.hear(payload));
    try {
      await made.connect();
      const { rows } = await made.query<{ listen: string }>(
        "select format('listen %I', $1 || '.' || current_schema()) as listen",
        [notices.name],
      );
      await made.query(rows[0]?.listen ?? '');
      notices.connected();
    } catch (error) {
      lose(error);
    }
  }

  const first = connect();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await first;
      await client?.end().catch(() => {});
    },
  };
}
