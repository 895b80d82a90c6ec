import { type TestDatabase, testDatabase } from '@cep/testing/database';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { violates } from './errors.ts';
import { sql } from './sql.ts';
import { transaction } from './transaction.ts';

requires('postgres')('a transaction', () => {
  let db: TestDatabase;

  beforeAll(async () => {
    db = await testDatabase();
    await db.query(`
      create table shelves (id integer constraint shelf_number primary key);
      create table books (
        id integer constraint book_number unique,
        shelf integer constraint on_a_shelf references shelves,
        pages integer constraint some_pages check (pages > 0),
        lent int4range,
        constraint lent_once exclude using gist (lent with &&)
      );
      insert into shelves values (1)`);
  });
  beforeEach(() => db.query('truncate books'));
  afterAll(() => db.close());

  const books = async () => (await db.query('select id from books order by id')).rows;

  test('commits what it returns', async () => {
    const result = await transaction(db, async (tx) => {
      await tx.query(sql`insert into books (id) values (${1})`);
      return 'kept';
    });

    expect(result).toBe('kept');
    expect(await books()).toEqual([{ id: 1 }]);
  });

  test('leaves nothing of what throws', async () => {
    const attempt = transaction(db, async (tx) => {
      await tx.query(sql`insert into books (id) values (${1})`);
      throw new Error('changed my mind');
    });

    await expect(attempt).rejects.toThrow('changed my mind');
    expect(await books()).toEqual([]);
  });

  test('does not pass for committed when a failed statement was overlooked', async () => {
    const attempt = transaction(db, async (tx) => {
      await tx.query(sql`insert into books (id) values (${1})`);
      await tx.query('select 1 / 0').catch(() => {});
    });

    await expect(attempt).rejects.toThrow('rolled back');
    expect(await books()).toEqual([]);
  });

  test('survives the loss of its connection, and the pool with it', async () => {
    const attempt = transaction(db, async (tx) => {
      const { rows } = await tx.query('select pg_backend_pid() as pid');
      const lost = new Promise((resolve) => tx.once('end', resolve));
      await db.query(sql`select pg_terminate_backend(${rows[0].pid})`);
      await lost;
    });

    await expect(attempt).rejects.toBeInstanceOf(Error);
    expect(await books()).toEqual([]);
  });

  describe('refused by a constraint', () => {
    test.each([
      ['book_number', 'insert into books (id) values (1), (1)'],
      ['on_a_shelf', 'insert into books (shelf) values (2)'],
      ['some_pages', 'insert into books (pages) values (0)'],
      ['lent_once', "insert into books (lent) values ('[1,3)'), ('[2,4)')"],
    ])('names it: %s', async (constraint, statement) => {
      const error: unknown = await db.query(statement).catch((refusal: unknown) => refusal);

      expect(violates(error, constraint)).toBe(true);
      expect(violates(error, 'another')).toBe(false);
    });
  });
});
