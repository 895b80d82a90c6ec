import * as contract from '@cep/contracts/apps';
import * as generations from '@cep/contracts/generations';
import * as plans from '@cep/contracts/plans';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createWorld, storeOf, user, type World } from '../apps.fixture.ts';
import type { Store } from '../templates/builtin-store.ts';

const TRAP = "trap 'exit 0' TERM; sleep 1000 & wait";
const template = (version: string, command: string) =>
  storeOf({
    notes:
      `, parameters: [{name: WORD, type: string, label: Word, default: one}, {name: PASSWORD, type: secret, label: Password, generate: {kind: hex}}], endpoints: []}
services:
  server:
    image: busybox:1
    command: [sh, -c, ${JSON.stringify(command)}]
    environment: { WORD: "\${WORD}", PASSWORD: "\${PASSWORD}" }
    volumes: ["data:/data"]
    stop_grace_period: 1s
  side:
    image: busybox:1
    command: [sh, -c, "${TRAP}"]
    stop_grace_period: 1s
volumes: { data: }
`.replaceAll('version: "1"', `version: "${version}"`),
  });

const WRITES = `echo $WORD >> /data/words; ${TRAP}`;
const CRASHES = 'echo the password is $PASSWORD; sleep 0.3; exit 4';
const LONG = 60_000;

requires('postgres', 'docker')('an app in its life', () => {
  let world: World;
  const ada = user();
  const params = { app: 'notes' };
  let templates = template('1', WRITES);
  const store: Store = {
    name: 'cep',
    get templates() {
      return templates.templates;
    },
  };
  beforeAll(async () => {
    world = await createWorld({ store });
    const { operation } = await world.deploy(ada, { template: 'notes' });
    await world.end(ada, operation);
  }, LONG);
  afterAll(() => world.close(), LONG);

  const containers = async () => (await world.left()).containers;
  const idOf = async (service: string) =>
    (await containers()).find(({ Labels }) => Labels['cep.service'] === service)?.Id ?? '';
  const update = async (parameters: Record<string, string>) => {
    const body = { parameters };
    const { operation } = await world.call(ada, contract.updateApp, { params, body });
    return world.end(ada, operation);
  };
  const history = async () =>
    (await world.call(ada, generations.listGenerations, { params })).generations;
  const words = async () => {
    const exec = await world.docker
      .getContainer(await idOf('server'))
      .exec({ Cmd: ['cat', '/data/words'], AttachStdout: true, Tty: true });
    let text = '';
    for await (const chunk of await exec.start({})) text += chunk;
    return text.match(/one|two/g) ?? [];
  };

  test(
    'is stopped, started and restarted with the same containers',
    async () => {
      const before = await idOf('server');
      for (const [endpoint, state] of [
        [contract.stopApp, 'stopped'],
        [contract.startApp, 'running'],
        [contract.restartApp, 'running'],
      ] as const) {
        const { operation } = await world.call(ada, endpoint, { params });
        expect(await world.end(ada, operation)).toMatchObject({ state: 'succeeded' });
        expect(await world.show(ada, 'notes')).toMatchObject({
          state,
          services: [
            { state: state === 'stopped' ? 'exited' : 'running' },
            { state: state === 'stopped' ? 'exited' : 'running' },
          ],
        });
      }
      expect(await idOf('server')).toBe(before);
      expect(await words()).toEqual(['one', 'one', 'one']);
    },
    LONG,
  );

  test(
    'gets a new generation, in which only what changed is made anew; volumes and secrets stay',
    async () => {
      const [server, side] = [await idOf('server'), await idOf('side')];
      const { PASSWORD } = (await world.show(ada, 'notes', true)).parameters;

      expect(await update({ WORD: 'two' })).toMatchObject({ kind: 'update', state: 'succeeded' });

      expect(await idOf('side')).toBe(side);
      expect(await idOf('server')).not.toBe(server);
      expect(await containers()).toHaveLength(2);
      expect(await words()).toEqual(['one', 'one', 'one', 'two']);
      expect(await world.show(ada, 'notes', true)).toMatchObject({
        generation: 2,
        parameters: { WORD: 'two', PASSWORD },
      });
      expect(await update({})).toMatchObject({ state: 'succeeded' });
      expect((await world.show(ada, 'notes')).generation).toBe(2);
    },
    LONG,
  );

  test(
    'returns by itself from a generation that fails, and says why without its secrets',
    async () => {
      const before = await containers();
      const { PASSWORD = '' } = (await world.show(ada, 'notes', true)).parameters;
      templates = template('2', CRASHES);

      const end = await update({});

      expect(end).toMatchObject({ state: 'failed', failure: { code: 'exited' } });
      expect(end.failure?.message).toContain('the password is ***');
      expect(JSON.stringify(await history())).not.toContain(PASSWORD);
      expect((await containers()).map(({ Id }) => Id).sort()).toEqual(
        before.map(({ Id }) => Id).sort(),
      );
      expect(await world.show(ada, 'notes')).toMatchObject({
        state: 'running',
        generation: 2,
        version: '1',
        services: [{ state: 'running' }, { state: 'running' }],
      });
      expect((await history()).map(({ number, state }) => [number, state])).toEqual([
        [3, 'failed'],
        [2, 'good'],
        [1, 'good'],
      ]);
      templates = template('1', WRITES);
    },
    LONG,
  );

  test(
    'is rolled back, as a generation of its own',
    async () => {
      const body = { generation: 1 };
      const { operation } = await world.call(ada, contract.rollbackApp, { params, body });

      expect(await world.end(ada, operation)).toMatchObject({ state: 'succeeded' });

      expect((await history())[0]).toMatchObject({ number: 4, cause: 'rollback', state: 'good' });
      expect((await words()).at(-1)).toBe('one');
      await expect(
        world.call(ada, contract.rollbackApp, { params, body: { generation: 9 } }),
      ).rejects.toMatchObject({ code: 'not-found' });
    },
    LONG,
  );

  test(
    'goes back to what ran when a change is cancelled',
    async () => {
      templates = template('3', `sleep 100; ${TRAP}`);
      const before = await idOf('server');
      const body = { parameters: { WORD: 'three' } };
      const { operation } = await world.call(ada, contract.updateApp, { params, body });

      await world.call(ada, contract.cancelApp, { params });

      expect(await world.end(ada, operation)).toMatchObject({
        state: 'failed',
        failure: { code: 'cancelled' },
      });
      expect(await idOf('server')).toBe(before);
      expect(await world.show(ada, 'notes')).toMatchObject({ state: 'running', generation: 4 });
      await expect(world.call(ada, contract.cancelApp, { params })).rejects.toMatchObject({
        code: 'nothing-to-do',
      });
      templates = template('1', WRITES);
    },
    LONG,
  );

  test(
    'shows what a change would do, and does nothing',
    async () => {
      const plan = await world.call(ada, plans.planUpdate, {
        params,
        body: { parameters: { WORD: 'four' } },
      });

      expect(plan.steps.map((step) => step.do)).toEqual(['create', 'stop', 'start', 'remove']);
      expect((await world.show(ada, 'notes')).generation).toBe(4);
      const fresh = await world.call(ada, plans.planDeployment, {
        body: { template: 'notes', name: 'other', parameters: {} },
      });
      expect(fresh.steps.map((step) => step.do)).toContain('create-volume');
      await expect(world.show(ada, 'other')).rejects.toMatchObject({ code: 'not-found' });
    },
    LONG,
  );
});
