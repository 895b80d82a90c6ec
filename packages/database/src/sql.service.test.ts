import { type TestDatabase, testDatabase } from '@cep/testing/database';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from './sql.ts';
import { type Tx, transaction } from './transaction.ts';

requires('postgres')('a statement', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await testDatabase();
    await db.query('create table books (id integer)');
  });
  afterAll(() => db.close());

  const read = (from: TestDatabase | Tx) => from.query(sql`select * from books where id = ${1}`);

  test('is parsed once for each connection', async () => {
    const prepared = await transaction(db, async (tx) => {
      await read(tx);
      await read(tx);
      const { rows } = await tx.query(`
        select generic_plans + custom_plans as runs from pg_prepared_statements
        where statement like 'select * from books%'`);
      return rows;
    });

    expect(prepared).toEqual([{ runs: '2' }]);
  });

  test('whose table was changed meanwhile fails at most once on a connection', async () => {
    const one = () => transaction(db, read);
    await one();

    await db.query('alter table books add column title text');

    await one().catch(() => {});
    expect((await one()).fields.map(({ name }) => name)).toEqual(['id', 'title']);
  });
});
