/** Limits of real containers, changed while they run; and what starts over and over, stopped for good. */
import * as contract from '@cep/contracts/apps';
import * as generations from '@cep/contracts/generations';
import * as plans from '@cep/contracts/plans';
import { eventually } from '@cep/testing/eventually';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createWorld, storeOf, user, type World } from '../apps.fixture.ts';

const TRAP = "trap 'exit 0' TERM; sleep 1000 & wait";
const PARAMETERS = [
  '{name: MEMORY, type: size, label: Memory, default: 256m}',
  '{name: RESTART, type: string, label: Restart, default: unless-stopped}',
  '{name: TAG, type: string, label: Tag, default: "1"}',
];
const store = storeOf({
  held: `, parameters: [${PARAMETERS.join(', ')}]}
services:
  main:
    image: busybox:1
    command: [sh, -c, "${TRAP}"]
    mem_limit: "\${MEMORY}"
    restart: "\${RESTART}"
    volumes: ["data:/data"]
    stop_grace_period: 1s
  side:
    image: busybox:1
    command: [sh, -c, "test \${TAG} = 1 || exit 3; ${TRAP}"]
    stop_grace_period: 1s
volumes: { data: }
`,
  full: `, parameters: [{name: MEMORY, type: size, label: Memory, default: 256m}]}
services:
  main:
    image: busybox:1
    command: [sh, -c, "dd if=/dev/zero of=/dev/shm/full bs=1M count=48 && ${TRAP}"]
    mem_limit: "\${MEMORY}"
    shm_size: 64m
    stop_grace_period: 1s
`,
  looping: `services:
  main:
    image: busybox:1
    command: [sh, -c, "sleep 0.2; exit 4"]
    restart: unless-stopped
    stop_grace_period: 1s
`,
});

const MEBIBYTE = 2 ** 20;
const LONG = 60_000;

requires('postgres', 'docker')('limits', () => {
  let world: World;
  const ada = user();
  beforeAll(async () => {
    world = await createWorld({ store });
  }, LONG);
  afterAll(() => world.close(), LONG);

  const look = async (app: string, service = 'main') => {
    const { containers } = await world.left();
    const found = containers.find(
      ({ Labels }) => Labels['cep.app-name'] === app && Labels['cep.service'] === service,
    );
    const { Id, State, HostConfig } = await world.docker.getContainer(found?.Id ?? '').inspect();
    return { id: Id, startedAt: State.StartedAt, state: State.Status, ...HostConfig };
  };
  const deploy = async (template: string) =>
    world.end(ada, (await world.deploy(ada, { template })).operation);
  const update = async (app: string, parameters: Record<string, string>) => {
    const input = { params: { app }, body: { parameters } };
    return world.end(ada, (await world.call(ada, contract.updateApp, input)).operation);
  };

  test(
    'are changed, rolled back and healed while their container goes on',
    async () => {
      await deploy('held');
      const { id, startedAt } = await look('held');
      const same = { id, startedAt, state: 'running' };
      const parameters = { MEMORY: '512m', RESTART: 'always' };
      const foreseen = await world.call(ada, plans.planUpdate, {
        params: { app: 'held' },
        body: { parameters },
      });
      expect(foreseen.steps).toEqual([
        {
          do: 'update',
          what: expect.stringContaining(
            'in place: its memory from 256 MiB to 512 MiB, its restart policy from unless-stopped to always',
          ),
          after: [],
        },
      ]);

      expect(await update('held', parameters)).toMatchObject({ state: 'succeeded' });
      expect(await look('held')).toMatchObject({
        ...same,
        ...{ Memory: 512 * MEBIBYTE, MemorySwap: 512 * MEBIBYTE },
        RestartPolicy: { Name: 'always' },
      });

      const back = { params: { app: 'held' }, body: {} };
      const { operation } = await world.call(ada, contract.rollbackApp, back);
      expect(await world.end(ada, operation)).toMatchObject({ state: 'succeeded' });
      const first = { Memory: 256 * MEBIBYTE, RestartPolicy: { Name: 'unless-stopped' } };
      expect(await look('held')).toMatchObject({ ...same, ...first });

      await world.docker.getContainer(id).update({
        ...{ PidsLimit: 7, Memory: 300 * MEBIBYTE, MemorySwap: 400 * MEBIBYTE },
        RestartPolicy: { Name: 'no' },
      });
      await eventually(
        async () => expect(await look('held')).toMatchObject({ ...same, ...first, PidsLimit: 512 }),
        { within: 10_000 },
      );
      await eventually(async () =>
        expect((await world.show(ada, 'held')).services).toMatchObject([{ drift: [] }, {}]),
      );
    },
    LONG,
  );

  test(
    'are what they were when the rest of their generation fails',
    async () => {
      const before = await look('held');

      const end = await update('held', { MEMORY: '128m', TAG: '2' });

      expect(end).toMatchObject({ state: 'failed', failure: { code: 'exited' } });
      await world.reaches(ada, 'held', 'running');
      expect(await look('held')).toEqual(before);
    },
    LONG,
  );

  test(
    'below what is in use are refused with a way out, and nothing is killed for them',
    async () => {
      await deploy('full');
      const before = await look('full');

      const end = await update('full', { MEMORY: '24m' });

      expect(end).toMatchObject({
        state: 'failed',
        failure: {
          code: 'out-of-memory',
          message: expect.stringMatching(/main uses \d+ MiB of memory now.*24 MiB/),
          next: expect.stringContaining('cep apps restart'),
        },
      });
      expect(await look('full')).toEqual(before);
      expect(await world.show(ada, 'full')).toMatchObject({ state: 'running', generation: 1 });
      const { generations: all } = await world.call(ada, generations.listGenerations, {
        params: { app: 'full' },
      });
      expect(all[0]).toMatchObject({ state: 'failed', reason: { code: 'out-of-memory' } });
      expect(await update('full', { MEMORY: '128m' })).toMatchObject({ state: 'succeeded' });
      expect(await look('full')).toMatchObject({ id: before.id, Memory: 128 * MEBIBYTE });
    },
    LONG,
  );

  test(
    'let what starts over and over be stopped for good, and give it back what it had',
    async () => {
      await deploy('looping');
      const { id } = await look('looping');
      const params = { app: 'looping' };
      for (let time = 0; time < 2; time += 1) {
        await world.reaches(ada, 'looping', 'failed', 30_000);
        const { operation } = await world.call(ada, contract.stopApp, { params });
        expect(await world.end(ada, operation)).toMatchObject({ state: 'succeeded' });
        expect(await look('looping')).toMatchObject({
          ...{ id, state: 'exited' },
          RestartPolicy: { Name: 'no' },
        });
        const { operation: start } = await world.call(ada, contract.startApp, { params });
        await world.end(ada, start);
        expect(await look('looping')).toMatchObject({ RestartPolicy: { Name: 'unless-stopped' } });
      }
    },
    LONG,
  );
});
