import { EventEmitter, once } from 'node:events';
import { type TestDatabase, testDatabase } from '@cep/testing/database';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { prune } from './inbox.ts';
import { migrations } from './migrations.ts';
import { count, createTransport } from './numbers.fixture.ts';
import { relay } from './outbox.ts';

requires('postgres')('the tables of messaging', () => {
  let db: TestDatabase;

  beforeAll(async () => {
    db = await testDatabase(migrations);
  });
  afterAll(() => db.close());

  test('are relayed by one at a time, so that the order holds', async () => {
    await count(db, 'turns', [1, 2]);
    const progress = new EventEmitter();
    const slow = {
      ...createTransport('in-process'),
      async send() {
        progress.emit('begun');
        await once(progress, 'finish');
      },
    };
    const begun = once(progress, 'begun');
    const first = relay(db, slow, 1);
    await begun;

    const second = await relay(db, createTransport('in-process'), 1);
    progress.emit('finish');

    expect(second).toBe(0);
    expect(await first).toBe(1);
    expect(await relay(db, createTransport('in-process'), 10)).toBe(1);
  });

  test('forget what was settled more than 30 days ago', async () => {
    await db.query(`
      insert into inbox values
        ('old', gen_random_uuid(), now() - interval '31 days'),
        ('new', gen_random_uuid(), now() - interval '29 days')`);

    await prune(db);

    expect((await db.query('select queue from inbox')).rows).toEqual([{ queue: 'new' }]);
  });
});
