/** As reconciler/crash.service.test.ts, of an app whose volume lies in a pool. */
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { destroyApp } from '../apps/apps.ts';
import { deployApp } from '../apps/deploy.ts';
import { storeOf } from '../apps.fixture.ts';
import {
  type Ask,
  type CrashWorld,
  createCrashWorld,
  testEachCall,
} from '../reconciler/crash.fixture.ts';

const store = storeOf({
  wiki: `services:
  db: { image: "good:1", volumes: ["data:/data"], restart: unless-stopped }
volumes: { data: }
`,
});

requires('postgres')('a service that is killed at any point while a pool is worked in', () => {
  let world: CrashWorld;
  beforeAll(async () => {
    world = await createCrashWorld(store);
    await world.db.query(
      "insert into pools (name, engine, path) values ('fast', 'local', '/srv/fast')",
    );
  });
  afterAll(() => world.close());

  const deploy: Ask = (deps, caller) =>
    deployApp(deps, { body: { template: 'wiki', parameters: {}, pools: { '*': 'fast' } } }, caller);
  const destroy =
    (volumes: boolean): Ask =>
    (deps, caller) =>
      destroyApp(deps, { params: { app: 'wiki' }, query: { volumes } }, caller);

  describe.each([
    { of: 'a deployment', before: [], change: deploy, left: 1, runs: ['db good:1 running'] },
    { of: 'an end', before: [deploy], change: destroy(false), left: 1, runs: [] },
    {
      of: 'a return',
      before: [deploy, destroy(false)],
      change: deploy,
      left: 1,
      runs: ['db good:1 running'],
    },
    { of: 'an end with its volumes', before: [deploy], change: destroy(true), left: 0, runs: [] },
  ])('for $of', ({ before, change, left, runs }) => {
    async function killAt(call: number, when: 'before' | 'after'): Promise<boolean> {
      const { db, settle, begin, die } = world;
      const { engine, id } = await begin({ before, change });
      const isDead = await die(engine, id, { call, when });

      await settle(engine, id);

      expect(engine.left().containers).toEqual(runs);
      expect(engine.left().volumes).toHaveLength(left);
      expect([...engine.folders]).toEqual(
        engine.left().volumes.map((volume) => `/srv/fast/${volume}`),
      );
      expect(engine.poolHelpers()).toEqual([]);
      expect(engine.seen.sins).toEqual([]);
      const placed = 'select from pool_volumes where app_id = $1';
      expect((await db.query(placed, [id])).rowCount).toBe(left);
      const running = `select from operations where app_id = $1 and state = 'running'`;
      expect((await db.query(running, [id])).rowCount).toBe(0);
      await db.query('delete from apps where id = $1', [id]);
      return isDead;
    }

    testEachCall({ killAt, moreThan: 4, within: 120_000 });
  });
});
