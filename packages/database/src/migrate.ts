import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import pg from 'pg';

interface Migrations {
  /** With the role that owns the schema. */
  readonly databaseUrl: string;
  readonly schema: string;
  /** Folders of `NNNN_what-it-does.sql` by name. The name is kept in the database: never change it. */
  readonly directories: Readonly<Record<string, URL>>;
}

/**
 * Brings a schema up to date. Each directory has its own numbering and its own record of what ran,
 * the table `migrations_NAME`. Processes that start together take turns: the first migrates, the
 * others find nothing to do. A migration that fails leaves nothing of itself behind.
 *
 * @throws Error when a migration fails, or when the schema is newer than the directories know
 */
export async function migrate({ databaseUrl, schema, directories }: Migrations): Promise<void> {
  for (const [name, directory] of Object.entries(directories)) {
    const migrationsTable = `migrations_${name}`;
    await runner({
      databaseUrl,
      schema,
      dir: fileURLToPath(directory),
      direction: 'up',
      migrationsTable,
      advisoryLockMode: 'wait',
      log: () => {},
    });
    // Looked at afterwards: before, a newer program could still get in between.
    await refuseUnknown(databaseUrl, [schema, migrationsTable], directory);
  }
}

async function refuseUnknown(
  databaseUrl: string,
  table: readonly string[],
  directory: URL,
): Promise<void> {
  const known = (await readdir(directory)).map((file) => file.replace(/\.sql$/, ''));
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      `select name from ${table.map(pg.escapeIdentifier).join('.')} where name <> all($1) limit 1`,
      [known],
    );
    if (rows[0]) {
      throw new Error(
        `The database is newer than this program: it has ${rows[0].name}. Start a newer version.`,
      );
    }
  } finally {
    await client.end();
  }
}
