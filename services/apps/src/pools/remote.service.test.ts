import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { removeEngine } from '@cep/contracts/engines';
import * as contract from '@cep/contracts/pools';
import { listVolumes } from '@cep/contracts/volumes';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Barn, createBarn } from '../engines/barn.fixture.ts';

const LONG = 120_000;

requires(
  'postgres',
  'docker',
  'namespaces',
)('a pool of an engine of another machine', () => {
  const folder = `/srv/cep-test-${randomBytes(4).toString('hex')}`;
  const path = `${folder}/bulk`;
  const params = { pool: 'bulk' };
  let all: Barn;
  beforeAll(async () => {
    await mkdir(folder, { mode: 0o755 });
    all = await createBarn();
    await all.put('barn');
  }, LONG);
  afterAll(async () => {
    await all.close();
    await rm(folder, { recursive: true, force: true });
  }, LONG);

  test(
    'is there for apps on that engine alone, and unknown while that is lost',
    async () => {
      const { world, ada, barn, becomes } = all;
      const body = { path, engine: 'barn' };
      await world.call(ada, contract.putPool, { params, body });
      const wish = { template: 'wiki', pools: { '*': 'bulk' } };
      await expect(world.deploy(ada, { ...wish, name: 'here' })).rejects.toMatchObject({
        code: 'invalid-request',
      });
      const there = await world.deploy(ada, { ...wish, name: 'there', engine: 'barn' });
      expect(await world.end(ada, there.operation)).toMatchObject({ state: 'succeeded' });
      const list = { params, query: { sizes: false } };
      const { volumes } = await world.call(ada, listVolumes, list);
      expect(volumes).toMatchObject([{ app: 'there', state: 'used' }]);
      expect(await readdir(path)).toContain(volumes[0]?.name);
      await expect(all.put('bulk')).rejects.toMatchObject({ code: 'invalid-request' });

      await barn.kill();
      await becomes('barn', 'lost');

      const { pools } = await world.call(ada, contract.listPools, {});
      expect(pools).toContainEqual(
        expect.objectContaining({ name: 'bulk', path, state: 'unknown' }),
      );
      const shown = await world.call(ada, contract.getPool, { params });
      expect(shown).toMatchObject({ state: 'unknown', totalBytes: null, usedBytes: null });
      await expect(world.call(ada, contract.deletePool, { params })).rejects.toMatchObject({
        code: 'pool-in-use',
      });
      await expect(
        world.call(ada, contract.putPool, { params: { pool: 'more' }, body }),
      ).rejects.toMatchObject({ code: 'unavailable' });

      await barn.start();
      await becomes('barn', 'reachable');
      await all.destroy('there', true);
      expect((await world.call(ada, listVolumes, list)).volumes).toEqual([]);
      await expect(
        world.call(ada, removeEngine, { params: { engine: 'barn' } }),
      ).rejects.toMatchObject({ code: 'engine-in-use' });
      await world.call(ada, contract.deletePool, { params });
      expect(await readdir(path)).toEqual([]);
      await world.call(ada, removeEngine, { params: { engine: 'barn' } });
      expect((await world.call(ada, contract.listPools, {})).pools).toHaveLength(1);
    },
    LONG,
  );
});
