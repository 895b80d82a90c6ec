/**
 * The service dies before, and just after, each single call to the engine while an app is backed up,
 * restored, or its backups are deleted; the next one goes on.
 */
import type { UserCaller } from '@cep/contracts/caller';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { cancelApp } from '../apps/cancel.ts';
import { deployApp } from '../apps/deploy.ts';
import type { Deps } from '../apps/deps.ts';
import { updateApp } from '../apps/update.ts';
import { storeOf, user } from '../apps.fixture.ts';
import { createMemoryEngine, type MemoryEngine } from '../engine/memory-engine.fixture.ts';
import { type CrashWorld, createCrashWorld, testEachCall } from '../reconciler/crash.fixture.ts';
import { createBackup, deleteBackup } from './backups.ts';
import { restoreBackup } from './restore.ts';
import { addTarget } from './targets.ts';

const CHECK = 'healthcheck: { test: [CMD, "true"], interval: 5s, timeout: 1s, retries: 1 }';
const store = storeOf({
  wiki: `, parameters: [{name: TAG, type: string, label: Tag, default: "good:1"}], backup: {dumps: {db: postgres}}}
services:
  db: { image: "\${TAG}", volumes: ["data:/data", "more:/more"], ${CHECK}, restart: unless-stopped }
  web: { image: "\${TAG}", ports: ["18181:80"], depends_on: [db], ${CHECK}, restart: unless-stopped }
volumes: { data: , more: }
`,
});

interface Scene {
  readonly engine: MemoryEngine;
  readonly deps: Deps;
  readonly caller: UserCaller;
  readonly settle: () => Promise<void>;
}

type Ask = (scene: Scene) => Promise<unknown>;

requires('postgres')('a service that is killed at any point', () => {
  let world: CrashWorld;
  beforeAll(async () => {
    world = await createCrashWorld(store);
    await world.db.query(
      "insert into pools (name, engine, path) values ('fast', 'local', '/srv/fast')",
    );
    const deps = world.depsOf(createMemoryEngine().engine);
    const root: UserCaller = { ...user(), role: 'admin' };
    await addTarget(
      { ...deps, backupImage: '' },
      { body: { name: 'disk', location: '/srv/backups', check: false } },
      root,
    );
  });
  afterAll(() => world.close());

  const params = { app: 'wiki' };
  const rows = async (text: string, ...values: unknown[]) =>
    (await world.db.query(text, values)).rows;
  const backupOf = async ({ caller }: Scene) =>
    (await rows('select * from backups where project_id = $1', caller.projectId))[0];

  const deploy: Ask = ({ deps, caller }) =>
    deployApp(deps, { body: { template: 'wiki', parameters: {} } }, caller);
  const deployInPool: Ask = ({ deps, caller }) =>
    deployApp(deps, { body: { template: 'wiki', parameters: {}, pools: { '*': 'fast' } } }, caller);
  const backUp =
    (mode: 'stop' | 'pause' | 'hot'): Ask =>
    ({ deps, caller }) =>
      createBackup(deps, { params, body: { mode } }, caller);
  const spoil: Ask = async ({ engine }) => {
    for (const name of engine.data.keys()) engine.data.set(name, 'spoilt');
  };
  const restore =
    (more: { as?: string; volumes?: string[] } = {}): Ask =>
    async (scene) => {
      const { id } = await backupOf(scene);
      const body = { parameters: {}, ...more };
      return restoreBackup(scene.deps, { params: { backup: id }, body }, scene.caller);
    };
  const lose: Ask = async ({ engine }) => engine.snapshots.clear();
  const erase: Ask = async (scene) =>
    deleteBackup(scene.deps, { params: { backup: (await backupOf(scene)).id } }, scene.caller);
  const update =
    (TAG: string): Ask =>
    ({ deps, caller }) =>
      updateApp(deps, { params, body: { parameters: { TAG } } }, caller);
  const cancel: Ask = ({ deps, caller }) => cancelApp(deps, { params }, caller);
  const both =
    (...all: Ask[]): Ask =>
    async (scene) => {
      for (const ask of all) await ask(scene);
    };

  const running = (tag: string) => [`db ${tag} running`, `web ${tag} running`];
  const saved = { backup: 'complete', data: 'good:1', operation: 'succeeded', sets: 1 };

  describe.each([
    { of: 'a backup that stops', before: [deploy], change: backUp('stop'), end: saved },
    { of: 'a backup that pauses', before: [deploy], change: backUp('pause'), end: saved },
    {
      of: 'a backup that is cancelled',
      before: [deploy],
      change: both(backUp('pause'), cancel),
      end: { ...saved, backup: 'failed', operation: 'failed' },
    },
    { of: 'a backup that dumps', before: [deploy], change: backUp('hot'), end: saved },
    {
      of: 'a backup that dumps and is cancelled',
      before: [deploy],
      change: both(backUp('hot'), cancel),
      end: { ...saved, backup: 'failed', operation: 'failed' },
    },
    {
      of: 'a restore of a dump over the app itself',
      before: [deploy, backUp('hot'), spoil],
      change: restore(),
      end: { ...saved, sets: 2 },
    },
    {
      of: 'a restore of a dump into a pool',
      before: [deployInPool, backUp('hot'), spoil],
      change: restore(),
      end: { ...saved, sets: 2 },
    },
    {
      of: 'a restore of a dump as a new app',
      before: [deploy, backUp('hot'), spoil],
      change: restore({ as: 'copy' }),
      name: 'copy',
      end: saved,
    },
    {
      of: 'a restore over the app itself',
      before: [deploy, backUp('stop'), spoil],
      change: restore(),
      end: { ...saved, sets: 2 },
    },
    {
      of: 'a restore of one volume',
      before: [deploy, backUp('stop'), spoil],
      change: restore({ volumes: ['data'] }),
      end: { ...saved, sets: 2, volumes: 3 },
    },
    {
      of: 'a restore of one volume that fails',
      before: [deploy, backUp('stop'), lose],
      change: restore({ volumes: ['data'] }),
      end: { ...saved, operation: 'failed' },
    },
    {
      of: 'a restore that fails',
      before: [deploy, backUp('stop'), lose],
      change: restore(),
      end: { ...saved, operation: 'failed' },
    },
    {
      of: 'a restore as a new app',
      before: [deploy, backUp('stop'), spoil],
      change: restore({ as: 'copy' }),
      name: 'copy',
      end: saved,
    },
    {
      of: 'a restore as a new app that fails',
      before: [deploy, backUp('stop'), lose],
      change: restore({ as: 'copy' }),
      name: 'copy',
      end: { ...saved, operation: 'failed', sets: 0 },
    },
    {
      of: 'a deletion',
      before: [deploy, backUp('stop')],
      change: erase,
      end: { ...saved, backup: undefined },
    },
    {
      of: 'an update with a backup before it',
      before: [deploy],
      change: update('good:2'),
      end: { ...saved, tag: 'good:2' },
    },
  ])('of $of', ({ before, change, end, name = 'wiki' }) => {
    async function killAt(call: number, when: 'before' | 'after'): Promise<boolean> {
      const { depsOf, settle, die } = world;
      const engine = createMemoryEngine();
      const caller = user();
      const idOf = async (app: string): Promise<string> =>
        (
          await rows(
            'select id from apps where project_id = $1 and name = $2',
            caller.projectId,
            app,
          )
        )[0]?.id;
      const scene: Scene = {
        ...{ engine, caller, deps: depsOf(engine.engine) },
        settle: async () => settle(engine, await idOf('wiki')),
      };
      for (const ask of before) {
        await ask(scene);
        await scene.settle();
      }
      await change(scene);
      const id = await idOf(name);
      const isDead = await die(engine, id, { call, when });
      await settle(engine, id);

      const { containers, volumes } = engine.left();
      const tag = 'tag' in end ? end.tag : 'good:1';
      const copies = name === 'copy' && end.sets > 0 ? 2 : 1;
      expect(containers.toSorted()).toEqual(
        running(tag).flatMap((each) => Array.from({ length: copies }, () => each)),
      );
      expect(engine.seen.sins).toEqual([]);
      const ofApp = volumes.filter((volume) => volume.includes(id.slice(0, 8)));
      expect(ofApp).toHaveLength('volumes' in end ? end.volumes : 2 * end.sets);
      const current = ofApp.filter((volume) => end.sets < 2 || /-r[0-9a-f]{8}$/.test(volume));
      expect(current.map((volume) => engine.data.get(volume))).toEqual(current.map(() => end.data));
      expect((await backupOf(scene))?.state).toBe(end.backup);
      expect(
        await rows('select * from backup_jobs where project_id = $1', caller.projectId),
      ).toEqual([]);
      const operations = await rows(
        'select state from operations where project_id = $1 order by created_at, id',
        caller.projectId,
      );
      expect(operations.map(({ state }) => state).filter((state) => state === 'running')).toEqual(
        [],
      );
      expect(operations.at(-1)?.state).toBe(end.operation);
      const apps = await rows(
        'select name, state, reason from apps where project_id = $1',
        caller.projectId,
      );
      expect(apps).toHaveLength(copies);
      for (const app of apps) expect(app).toMatchObject({ state: 'running', reason: null });
      await world.db.query('delete from backups where project_id = $1', [caller.projectId]);
      await world.db.query('delete from apps where project_id = $1', [caller.projectId]);
      return isDead;
    }

    testEachCall({ killAt, moreThan: 3, within: 180_000 });
  });
});
