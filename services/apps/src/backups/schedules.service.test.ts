import type { UserCaller } from '@cep/contracts/caller';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { deployApp } from '../apps/deploy.ts';
import { silent, storeOf, user } from '../apps.fixture.ts';
import { createMemoryEngine } from '../engine/memory-engine.fixture.ts';
import { type CrashWorld, createCrashWorld } from '../reconciler/crash.fixture.ts';
import { createBackup, listBackups } from './backups.ts';
import { beginDue, endSchedule, getSchedule, putSchedule } from './schedules.ts';
import { addTarget, removeTarget } from './targets.ts';

const store = storeOf({
  wiki: `services: { db: { image: "good:1", volumes: ["data:/data"] } }
volumes: { data: }
`,
});
const params = { app: 'wiki' };

requires('postgres')('scheduled backups', () => {
  let world: CrashWorld;
  let appId: string;
  const engine = createMemoryEngine();
  const ada = user();
  const root: UserCaller = { ...user(), role: 'admin' };
  const deps = () => world.depsOf(engine.engine);
  beforeAll(async () => {
    world = await createCrashWorld(store);
    const target = { name: 'disk', location: '/srv/backups', check: false };
    await addTarget({ ...deps(), backupImage: '' }, { body: target }, root);
    const body = { template: 'wiki', parameters: {} };
    const { app } = await deployApp(deps(), { body }, ada);
    appId = app.id;
    await world.settle(engine, appId);
  });
  afterAll(() => world.close());

  const beDue = () =>
    world.db.query(`update backup_schedules set next_at = now() - interval '1 minute'`);
  const begin = async () => {
    const woken: string[] = [];
    const loop = { wake: (id: string) => void woken.push(id) };
    await beginDue({ ...deps(), loop, log: silent });
    return woken;
  };
  const states = async () =>
    (await listBackups(deps(), { query: {} }, ada)).backups.map(
      ({ cause, state }) => `${cause} ${state}`,
    );
  const set = (body: Parameters<typeof putSchedule>[1]['body']) =>
    putSchedule(deps(), { params, body }, ada);

  test('say when, in one way, and where', async () => {
    const wrong = [{}, { everyHours: 1, dailyAt: '03:30' }];
    for (const body of wrong)
      await expect(set(body)).rejects.toMatchObject({ code: 'invalid-request' });
    await expect(getSchedule(deps(), { params }, ada)).rejects.toMatchObject({ code: 'not-found' });

    expect(await set({ dailyAt: '03:30' })).toMatchObject({ target: 'disk', dailyAt: '03:30' });
    expect(await getSchedule(deps(), { params }, ada)).toMatchObject({ app: 'wiki' });
  });

  test('begin when they are due, once; the oldest go, but none that somebody asked for', async () => {
    await set({ everyHours: 6, keep: { last: 2, daily: 0, weekly: 0 } });
    expect(await begin()).toEqual([]);
    await createBackup(deps(), { params, body: {} }, ada);
    await world.settle(engine, appId);

    for (let round = 0; round < 3; round += 1) {
      await beDue();
      expect(await begin()).toEqual([appId]);
      expect(await begin()).toEqual([]);
      await world.settle(engine, appId);
    }

    expect(await states()).toEqual(['schedule complete', 'schedule complete', 'asked complete']);
    expect(engine.snapshots.size).toBe(3);
    expect(engine.seen.sins).toEqual([]);
  });

  test('wait while the app is busy', async () => {
    await createBackup(deps(), { params, body: {} }, ada);
    await beDue();

    expect(await begin()).toEqual([]);
    await world.settle(engine, appId);
    expect(await begin()).toEqual([appId]);
    await world.settle(engine, appId);
  });

  test('end, and keep their target until then', async () => {
    await expect(removeTarget(deps(), 'disk', root)).rejects.toMatchObject({
      code: 'target-in-use',
    });
    await endSchedule(deps(), { params }, ada);
    await beDue();

    expect(await begin()).toEqual([]);
  });
});
