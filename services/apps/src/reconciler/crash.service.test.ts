/**
 * The service dies before, and just after, each single call to the engine, of every change of an app;
 * the next one goes on. The engine is in memory, so that every point can be tried; a sample of them is
 * tried with the real one in reconcile.service.test.ts.
 */
import type { UserCaller } from '@cep/contracts/caller';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { destroyApp, getApp } from '../apps/apps.ts';
import { restartApp, startApp, stopApp } from '../apps/change.ts';
import { deployApp } from '../apps/deploy.ts';
import type { Deps } from '../apps/deps.ts';
import { rollbackApp, updateApp } from '../apps/update.ts';
import { storeOf } from '../apps.fixture.ts';
import { type Ask, type CrashWorld, createCrashWorld, testEachCall } from './crash.fixture.ts';

const CHECK = 'healthcheck: { test: [CMD, "true"], interval: 5s, timeout: 1s, retries: 1 }';
const store = storeOf({
  wiki: `, volumes: {data: {class: data, uid: 70, gid: 70, mode: "0700"}}, hooks: {
    postInstall: {service: db, command: [install], timeout: 1s},
    preUpdate: {service: db, command: [before], timeout: 1s},
    postUpdate: {service: db, command: [after], timeout: 1s}}, parameters: [{name: TAG, type: string, label: Tag, default: "good:1"}, {name: SIDE, type: string, label: Side, default: "side:1"}, {name: MEMORY, type: size, label: Memory, default: 64m}]}
services:
  db:
    image: "\${TAG}"
    volumes: ["data:/data"]
    ${CHECK}
    restart: unless-stopped
  web:
    image: "\${TAG}"
    mem_limit: "\${MEMORY}"
    ports: ["18180:80"]
    depends_on: { db: { condition: service_healthy } }
    ${CHECK}
    restart: unless-stopped
  side:
    image: "\${SIDE}"
    ports: ["18181:80"]
    x-cep: { update: { strategy: start-first } }
    ${CHECK}
    restart: unless-stopped
volumes: { data: }
`,
});

requires('postgres')('a service that is killed at any point', () => {
  let world: CrashWorld;
  beforeAll(async () => {
    world = await createCrashWorld(store);
  });
  afterAll(() => world.close());

  const params = { app: 'wiki' };
  const deploy: Ask = (deps, caller) =>
    deployApp(deps, { body: { template: 'wiki', parameters: {} } }, caller);
  const deployBroken: Ask = (deps, caller) =>
    deployApp(deps, { body: { template: 'wiki', parameters: { TAG: 'broken:1' } } }, caller);
  const update =
    (TAG: string, SIDE = 'side:1', MEMORY = '64m'): Ask =>
    (deps, caller) =>
      updateApp(deps, { params, body: { parameters: { TAG, SIDE, MEMORY } } }, caller);
  const rollback: Ask = (deps, caller) => rollbackApp(deps, { params, body: {} }, caller);

  const running = (tag: string, side = 'side:1') => [
    'cep-front haproxy:3.2-alpine running',
    `db ${tag} running`,
    `side ${side} running`,
    `web ${tag} running`,
  ];

  describe.each([
    { of: 'a deployment', before: [], change: deploy, end: running('good:1'), state: 'running' },
    {
      of: 'an update',
      before: [deploy],
      change: update('good:2'),
      end: running('good:2'),
      state: 'running',
    },
    {
      of: 'an update behind a front',
      before: [deploy],
      change: update('good:1', 'side:2'),
      end: running('good:1', 'side:2'),
      state: 'running',
    },
    {
      of: 'an update behind a front that fails elsewhere',
      before: [deploy],
      change: update('broken:1', 'side:2'),
      end: running('good:1'),
      state: 'running',
    },
    {
      of: 'an update that fails',
      before: [deploy],
      change: update('broken:1'),
      end: running('good:1'),
      state: 'running',
    },
    {
      of: 'an update to what there is not',
      before: [deploy],
      change: update('absent:1'),
      end: running('good:1'),
      state: 'running',
    },
    {
      of: 'a rollback',
      before: [deploy, update('good:2')],
      change: rollback,
      end: running('good:1'),
      state: 'running',
    },
    {
      of: 'an update of limits',
      before: [deploy],
      change: update('good:1', 'side:1', '128m'),
      end: running('good:1'),
      state: 'running',
      isSame: true,
      memory: 128,
    },
    {
      of: 'an update of limits, and of more that fails',
      before: [deploy],
      change: update('good:1', 'broken:1', '128m'),
      end: running('good:1'),
      state: 'running',
      isSame: true,
    },
    {
      of: 'a rollback of limits',
      before: [deploy, update('good:1', 'side:1', '128m')],
      change: rollback,
      end: running('good:1'),
      state: 'running',
      isSame: true,
    },
    {
      of: 'a stop of what starts over and over',
      before: [deployBroken],
      change: (deps: Deps, caller: UserCaller) => stopApp(deps, { params }, caller),
      end: [
        'cep-front haproxy:3.2-alpine exited',
        'db broken:1 exited',
        'side side:1 exited',
        'web broken:1 created',
      ],
      state: 'stopped',
    },
    {
      of: 'a stop',
      before: [deploy],
      change: (deps: Deps, caller: UserCaller) => stopApp(deps, { params }, caller),
      end: running('good:1').map((each) => each.replace('running', 'exited')),
      state: 'stopped',
    },
    {
      of: 'a start',
      before: [deploy, (deps: Deps, caller: UserCaller) => stopApp(deps, { params }, caller)],
      change: (deps: Deps, caller: UserCaller) => startApp(deps, { params }, caller),
      end: running('good:1'),
      state: 'running',
    },
    {
      of: 'a restart',
      before: [deploy],
      change: (deps: Deps, caller: UserCaller) => restartApp(deps, { params }, caller),
      end: running('good:1'),
      state: 'running',
    },
    {
      of: 'an end',
      before: [deploy],
      change: (deps: Deps, caller: UserCaller) =>
        destroyApp(deps, { params, query: { volumes: false } }, caller),
      end: [],
      state: undefined,
    },
  ])('of $of', ({ before, change, end, state, isSame = false, memory = 64 }) => {
    async function killAt(call: number, when: 'before' | 'after'): Promise<boolean> {
      const { db, settle, begin, die } = world;
      const { caller, deps, engine, id } = await begin({ before, change });
      const findWeb = async () =>
        (await engine.engine.containers(id)).find(({ service }) => service === 'web');
      const web = await findWeb();
      const isDead = await die(engine, id, { call, when });

      await settle(engine, id);

      const { containers, networks, volumes } = engine.left();
      expect(containers.sort()).toEqual(end);
      if (isSame) expect(await findWeb()).toMatchObject({ id: web?.id, startedAt: web?.startedAt });
      if (state) expect((await findWeb())?.limits.memoryBytes).toBe(memory * 2 ** 20);
      expect(networks).toHaveLength(end.length > 0 ? 1 : 0);
      expect(volumes).toEqual([...engine.seen.volumes]);
      expect(volumes).toHaveLength(1);
      expect([...engine.owners.values()]).toEqual([70]);
      expect(engine.seen.sins).toEqual([]);
      const { rows } = await db.query(
        `select id from operations where app_id = $1 and state = 'running'`,
        [id],
      );
      expect(rows).toEqual([]);
      if (state) {
        const shown = await getApp(deps, { params, query: { secrets: false } }, caller);
        expect(shown).toMatchObject({ state, reason: null });
      }
      await db.query('delete from apps where id = $1', [id]);
      return isDead;
    }

    testEachCall({ killAt, moreThan: 4, within: 120_000 });
  });
});
