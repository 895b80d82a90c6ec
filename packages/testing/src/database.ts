import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { fromRig } from './from-rig.ts';

export type TestDatabase = pg.Pool & {
  /** For code that opens its own connections. */
  readonly url: string;
  close(): Promise<void>;
};

/**
 * An empty database of this test file's own, migrated by each of `migrations` in turn; `close` drops
 * it. Every folder keeps its own record of what ran, as in production.
 */
export async function testDatabase(...migrations: URL[]): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await run(`create database ${name}`);
  const url = `${fromRig('TEST_POSTGRES_URL')}/${name}`;
  for (const [index, folder] of migrations.entries()) {
    await migrate(url, folder, index === 0 ? 'migrations' : `migrations_${index}`);
  }
  const pool = new pg.Pool({ connectionString: url, pipeline: true });
  return Object.assign(pool, {
    url,
    async close() {
      // `end` does not wait for the server to notice: what it then cuts off is no failure.
      pool.on('error', () => {});
      await pool.end();
      await run(`drop database ${name} with (force)`);
    },
  });
}

async function migrate(databaseUrl: string, folder: URL, migrationsTable: string): Promise<void> {
  await runner({
    databaseUrl,
    dir: fileURLToPath(folder),
    direction: 'up',
    migrationsTable,
    log: () => {},
  });
}

async function run(statement: string): Promise<void> {
  const client = new pg.Client(`${fromRig('TEST_POSTGRES_URL')}/postgres`);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
