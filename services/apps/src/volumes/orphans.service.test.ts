import * as contract from '@cep/contracts/orphans';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { user } from '../apps.fixture.ts';
import { createPoolWorld, type PoolWorld } from '../pools/pools.fixture.ts';

const LONG = 60_000;

requires('postgres', 'docker')('volumes that no app uses', () => {
  let all: PoolWorld;
  const ada = user();
  const eve = user();
  beforeAll(async () => {
    all = await createPoolWorld();
    await all.put('fast', all.at('fast'));
    const body = { template: 'box', pools: { data: 'fast' } };
    await all.deploy(ada, { ...body, name: 'old' });
    await all.deploy(ada, { ...body, name: 'used' });
    await all.deploy(ada, { ...body, name: 'fresh' });
    await all.deploy(eve, { ...body, name: 'eves' });
    await all.destroy(ada, 'old');
    await all.destroy(ada, 'fresh');
    await all.destroy(eve, 'eves');
    await all.world.db.query(
      "update kept set kept_at = now() - interval '40 days' where name in ('old', 'eves')",
    );
  }, 2 * LONG);
  afterAll(() => all.close(), LONG);

  const list = async (who = ada, query: { olderThanDays?: number; all?: boolean } = {}) =>
    all.world.call(who, contract.listOrphans, {
      query: { olderThanDays: 30, all: false, ...query },
    });
  const seen = ({ volumes }: contract.Orphans) =>
    volumes.map(({ app, volume, pool, state }) => `${app} ${volume} ${pool} ${state}`).toSorted();

  test(
    'are told by their age, wherever they lie, and to whom they belong',
    async () => {
      expect(seen(await list())).toEqual(['old cache default kept', 'old data fast kept']);
      expect(seen(await list(ada, { olderThanDays: 0 }))).toHaveLength(4);
      expect(seen(await list(ada, { olderThanDays: 41 }))).toEqual([]);
      const { volumes } = await list();
      for (const { releasedAt, sizeBytes } of volumes) {
        expect(Date.parse(releasedAt ?? '')).toBeLessThan(Date.now() - 39 * 86_400_000);
        expect(sizeBytes).not.toBeNull();
      }

      await expect(list(ada, { all: true })).rejects.toMatchObject({ code: 'forbidden' });
      expect(seen(await list(all.root, { all: true }))).toEqual([
        'eves cache default kept',
        'eves data fast kept',
        'old cache default kept',
        'old data fast kept',
      ]);
    },
    LONG,
  );

  test(
    'leave in seven days when they are deleted, or at once; the others stay',
    async () => {
      const remove = (who = ada, purge = false, every = false) =>
        all.world.call(who, contract.deleteOrphans, {
          body: { olderThanDays: 30, all: every, purge },
        });
      const [first, again] = await Promise.all([remove(), remove()]);
      expect(seen(first)).toEqual(['old cache default leaving', 'old data fast leaving']);
      expect(again.volumes.map(({ name }) => name)).toEqual(first.volumes.map(({ name }) => name));
      const days = (Date.parse(first.volumes[0]?.leavesAt ?? '') - Date.now()) / 86_400_000;
      expect(days).toBeGreaterThan(6.9);

      const body = { template: 'box', name: 'old' };
      await all.deploy(ada, body);
      expect(seen(await list())).toEqual([]);

      expect((await remove(all.root, true, true)).volumes).toHaveLength(2);
      expect(seen(await list(all.root, { all: true }))).toEqual([]);
      expect(await all.volumesIn('fast', eve)).toEqual([]);
      expect(seen(await list(ada, { olderThanDays: 0 }))).toHaveLength(2);
      expect(
        (await all.volumesIn('fast', ada)).filter(({ state }) => state === 'used'),
      ).toHaveLength(2);
    },
    LONG,
  );
});
