import { setTimeout as sleep } from 'node:timers/promises';
import { type TestDatabase, testDatabase } from '@cep/testing/database';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { violates } from './errors.ts';
import { sql } from './sql.ts';
import { together } from './together.ts';
import { type Tx, transaction } from './transaction.ts';

requires('postgres')('statements that are sent together', () => {
  let db: TestDatabase;

  beforeAll(async () => {
    db = await testDatabase();
    await db.query('create table books (id integer constraint book_number unique)');
  });
  beforeEach(() => db.query('truncate books'));
  afterAll(() => db.close());

  const insert = (tx: Tx, id: number) => tx.query(sql`insert into books (id) values (${id})`);
  const count = async (from: Tx | TestDatabase) =>
    (await from.query<{ books: number }>(sql`select count(*)::integer as books from books`)).rows[0]
      ?.books;

  test('run in their order, and return what they would alone', async () => {
    const counted = await transaction(db, (tx) =>
      together(count(tx), insert(tx, 1), count(tx), 'no statement'),
    );

    expect([counted[0], counted[2], counted[3]]).toEqual([0, 1, 'no statement']);
  });

  test('throw what failed first, however late it is caught, and leave nothing', async () => {
    const slowToCatch = async (tx: Tx) => {
      try {
        await together(insert(tx, 1), count(tx));
      } catch (error) {
        await sleep(100);
        throw error;
      }
    };
    const attempt = transaction(db, async (tx) => {
      await insert(tx, 1);
      await together(slowToCatch(tx), insert(tx, 2), count(tx));
    });

    const error: unknown = await attempt.catch((refusal: unknown) => refusal);
    expect(violates(error, 'book_number')).toBe(true);
    expect(await count(db)).toBe(0);
  });

  test('all fail when their connection is lost, and the pool goes on', async () => {
    const attempt = transaction(db, async (tx) => {
      const { rows } = await tx.query('select pg_backend_pid() as pid');
      const slow = together(tx.query('select pg_sleep(30)'), insert(tx, 1), count(tx));
      await db.query(sql`select pg_terminate_backend(${rows[0].pid})`);
      return slow;
    });

    await expect(attempt).rejects.toBeInstanceOf(Error);
    expect(await count(db)).toBe(0);
  });
});
