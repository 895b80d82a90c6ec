import { connect } from '@cep/database/pool';
import { testDatabase } from '@cep/testing/database';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Pool } from 'pg';
import { silent } from '../apps.fixture.ts';
import { createLeases, type Leases } from './leases.ts';
import type { Outcome } from './outcome.ts';

const settled: Outcome = { is: 'settled' };
const forever = new AbortController().signal;

requires('postgres')('leases of apps', () => {
  let pools: Pool[];
  let leases: Leases[];
  let close: () => Promise<void>;
  beforeAll(async () => {
    const database = await testDatabase();
    pools = [connect(database.url, silent), connect(database.url, silent)];
    leases = pools.map(createLeases);
    close = async () => {
      await Promise.all(leases.map((each) => each.stop()));
      await Promise.all(pools.map((pool) => pool.end()));
      await database.close();
    };
  });
  afterAll(() => close());

  const [ours, theirs] = [() => leases[0] as Leases, () => leases[1] as Leases];

  test('are held by one process at a time, each app by itself', async () => {
    const done: string[] = [];
    const work = (name: string) => async () => {
      done.push(name);
      return settled;
    };

    await ours().holding('wiki', forever, async () => {
      const busy = await theirs().holding('wiki', forever, work('wiki, by two'));
      expect(busy).toMatchObject({ is: 'settled', lookAgainIn: expect.any(Number) });
      await theirs().holding('blog', forever, work('blog'));
      return settled;
    });
    await theirs().holding('wiki', forever, work('wiki, later'));

    expect(done).toEqual(['blog', 'wiki, later']);
  });

  test('are lost with the database, and what is done under them is broken off', async () => {
    const lost = ours().holding('wiki', forever, async (held) => {
      const ended = new Promise((resolve) => held.addEventListener('abort', resolve));
      await pools[1]?.query(
        `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'`,
      );
      await ended;
      // Somebody else may have it from here on.
      await theirs().holding('wiki', forever, async () => settled);
      throw held.reason as Error;
    });

    await expect(lost).rejects.toThrow('the lease is lost');
    expect(await ours().holding('wiki', forever, async () => settled)).toEqual(settled);
  });
});
