import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type TestDatabase, testDatabase } from '@cep/testing/database';
import { requires } from '@cep/testing/requires';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { migrate } from './migrate.ts';
import { provision } from './provision.ts';

requires('postgres')('a service in the database', () => {
  let db: TestDatabase;
  let service: string;
  let folder: string;
  let databaseUrl: string;

  beforeAll(async () => {
    db = await testDatabase();
  });
  beforeEach(async () => {
    service = `service-${randomBytes(4).toString('hex')}`;
    folder = await mkdtemp(join(tmpdir(), 'cep-migrations-'));
    databaseUrl = await provision(db.url, { service, password: "it's secret" });
    await addMigration('0001_books', 'create table books (id integer)');
  });
  afterEach(async () => {
    const role = pg.escapeIdentifier(service);
    await db.query(`drop owned by ${role}; drop role ${role}`);
    await rm(folder, { recursive: true });
  });
  afterAll(() => db.close());

  const addMigration = (name: string, text: string) =>
    writeFile(join(folder, `${name}.sql`), `-- Up Migration\n${text};\n`);
  const migrateFrom = (path: string) =>
    migrate({ databaseUrl, schema: service, directories: { own: pathToFileURL(`${path}/`) } });

  async function as(url: string, statement: string): Promise<unknown[]> {
    const client = new pg.Client(url);
    await client.connect();
    try {
      return (await client.query(statement)).rows;
    } finally {
      await client.end();
    }
  }

  test('finds its own schema, and has no rights in any other', async () => {
    await migrateFrom(folder);
    await db.query('create table public.secrets (id integer)');

    expect(await as(databaseUrl, 'select * from books')).toEqual([]);
    for (const attempt of [
      'select * from public.secrets',
      'create table public.mine (id integer)',
      'create schema mine',
      'create temporary table mine (id integer)',
    ]) {
      await expect(as(databaseUrl, attempt)).rejects.toMatchObject({ code: '42501' });
    }
  });

  test('may be provisioned again, also several times at once, with a new password', async () => {
    const others = Array.from({ length: 4 }, () =>
      provision(db.url, { service, password: 'changed' }),
    );

    const [url = ''] = await Promise.all(others);

    expect(await as(url, 'select 1 as one')).toEqual([{ one: 1 }]);
    const stored = await db.query('select rolpassword from pg_authid where rolname = $1', [
      service,
    ]);
    expect(stored.rows).toEqual([{ rolpassword: expect.stringMatching(/^SCRAM-SHA-256\$4096:/) }]);
  });

  test('is migrated once by processes that start together', async () => {
    await addMigration('0002_first-book', 'insert into books values (1)');

    await Promise.all(Array.from({ length: 4 }, () => migrateFrom(folder)));

    expect(await as(databaseUrl, 'select id from books')).toEqual([{ id: 1 }]);
  });

  test('keeps nothing of a migration that fails, and what came before it', async () => {
    await addMigration('0002_half', 'insert into books values (1); select 1 / 0');

    await expect(migrateFrom(folder)).rejects.toThrow('division by zero');

    expect(await as(databaseUrl, 'select id from books')).toEqual([]);
  });

  test('refuses a schema that is newer than the program', async () => {
    await addMigration('0002_pages', 'alter table books add pages integer');
    await migrateFrom(folder);
    await rm(join(folder, '0002_pages.sql'));

    await expect(migrateFrom(folder)).rejects.toThrow('0002_pages');
  });
});
