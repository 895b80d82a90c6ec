import { listPools } from '@cep/contracts/pools';
import * as contract from '@cep/contracts/volumes';
import { fromRig } from '@cep/testing/from-rig';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createWorld, storeOf, user, type World } from '../apps.fixture.ts';
import { createEngine } from '../engine/engine.ts';
import { onlyEngine } from '../engines/only-engine.fixture.ts';
import { removeDue } from './remove.ts';

const store = storeOf({
  box: `services:
  web:
    image: busybox:1
    command: [sh, -c, "head -c 5000000 /dev/urandom > /data/blob; trap 'exit 0' TERM; sleep 1000 & wait"]
    volumes: ["data:/data"]
    stop_grace_period: 1s
volumes: { data: }
`,
});
const params = { pool: 'default' };
const LONG = 60_000;

requires('postgres', 'docker')('volumes', () => {
  let world: World;
  const ada = user();
  beforeAll(async () => {
    world = await createWorld({ store });
  }, LONG);
  afterAll(() => world.close(), LONG);

  const deploy = async (name: string) =>
    world.end(ada, (await world.deploy(ada, { template: 'box', name })).operation);
  const destroy = async (name: string) =>
    world.end(ada, (await world.destroy(ada, name)).operation);
  const list = async (who = ada) =>
    (await world.call(who, contract.listVolumes, { params, query: { sizes: true } })).volumes;
  const volumeOf = async (app: string) => {
    const volume = (await list()).find((each) => each.app === app);
    if (!volume) throw new Error(`no volume of ${app}`);
    return volume;
  };
  const remove = (volume: string, purge = false, who = ada) =>
    world.call(who, contract.deleteVolume, { params: { ...params, volume }, query: { purge } });

  test(
    'are used, then kept, then leave, and stay when their app comes back',
    async () => {
      await deploy('one');
      const used = await volumeOf('one');
      expect(used).toMatchObject({ state: 'used', volume: 'data', leavesAt: null });
      expect(used.path).toContain(used.name);
      await expect(remove(used.name, true)).rejects.toMatchObject({ code: 'volume-in-use' });

      await destroy('one');
      const kept = await volumeOf('one');
      expect(kept).toMatchObject({ name: used.name, state: 'kept' });
      expect(kept.sizeBytes).toBeGreaterThanOrEqual(5_000_000);

      const { leavesAt } = await remove(used.name);
      const days = (Date.parse(leavesAt) - Date.now()) / 86_400_000;
      expect(days).toBeGreaterThan(6.9);
      expect(days).toBeLessThan(7.1);
      expect(await volumeOf('one')).toMatchObject({ state: 'leaving', leavesAt });

      await deploy('one');
      expect(await volumeOf('one')).toMatchObject({ name: used.name, state: 'used' });
      await destroy('one');
      expect(await volumeOf('one')).toMatchObject({ state: 'kept', leavesAt: null });
    },
    LONG,
  );

  test(
    'go at once when asked, and can be kept until then',
    async () => {
      await deploy('two');
      await destroy('two');
      const { name } = await volumeOf('two');

      await remove(name);
      const keep = { params: { ...params, volume: name } };
      expect(await world.call(ada, contract.keepVolume, keep)).toMatchObject({ state: 'kept' });

      await remove(name, true);
      expect((await list()).map((each) => each.name)).not.toContain(name);
      await expect(remove(name)).rejects.toMatchObject({ code: 'not-found' });
      const left = await world.db.query("select from kept where name = 'two'");
      expect(left.rowCount).toBe(0);
    },
    LONG,
  );

  test(
    'whose time has come are left alone when their app is back',
    async () => {
      await deploy('three');
      await destroy('three');
      const { name } = await volumeOf('three');
      await remove(name);
      const { rows } = await world.db.query(
        `update volume_deletions set leaves_at = now() - interval '1 second'
       where volume = $1 returning volume, app_id, engine, name, volume_set`,
        [name],
      );
      await deploy('three');
      // As a sweep would that has read it before the app came back.
      await world.db.query(
        `insert into volume_deletions (volume, project_id, app_id, leaves_at)
       values ($1, $2, $3, now())`,
        [name, ada.projectId, rows[0].app_id],
      );
      const instance = (await world.db.query('select id from instance')).rows[0].id;
      const engine = createEngine(fromRig('TEST_DOCKER_HOST'), instance);
      const engines = onlyEngine(engine);
      await removeDue({ db: world.db, engines, instance, backupImage: '' }, rows[0]);

      expect(await volumeOf('three')).toMatchObject({ name, state: 'used', leavesAt: null });
    },
    LONG,
  );

  test(
    'of another project are not there',
    async () => {
      await deploy('four');
      const { name } = await volumeOf('four');
      const eve = user();

      expect(await list(eve)).toEqual([]);
      await expect(remove(name, true, eve)).rejects.toMatchObject({ code: 'not-found' });
    },
    LONG,
  );

  test('are in the one pool that there is', async () => {
    const { pools } = await world.call(ada, listPools, {});
    expect(pools).toMatchObject([{ name: 'default', driver: 'local' }]);
    const elsewhere = { params: { pool: 'other' }, query: { sizes: true } };
    await expect(world.call(ada, contract.listVolumes, elsewhere)).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});
