/**
 * The engine itself ends in the middle of changes, or its disk is full. It is one of this file's own,
 * on a small disk.
 */
import * as contract from '@cep/contracts/apps';
import { getOperation } from '@cep/contracts/operations';
import { createOwnEngine, type OwnEngine } from '@cep/testing/own-engine';
import { requires } from '@cep/testing/requires';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createWorld, storeOf, user, type World } from '../apps.fixture.ts';
import type { Engine } from '../engine/engine.ts';
import { execIn } from '../exec.fixture.ts';
import { WRITER } from '../writer.fixture.ts';

const TRAP = "trap 'exit 0' TERM; sleep 1000 & wait";
/** What it says while the disk is full is not kept: there is no room for it. */
const FILL = 'said=$(dd if=/dev/zero of=/data/all bs=1M 2>&1); rm /data/all; echo $said; exit 7';

const command = (line: string) => JSON.stringify(['sh', '-c', line.replaceAll('$', '$$$$')]);
/** @param registry  whose own words are told, when it is asked by its name */
const storeFor = (registry: string) =>
  storeOf({
    pair: `, parameters: [{name: WORD, type: string, label: Word, default: one}]}
services:
  writer:${WRITER}
  other:
    image: busybox:1
    command: ${command(TRAP)}
    environment: { WORD: "\${WORD}" }
    restart: unless-stopped
    depends_on: [writer]
    stop_grace_period: 1s
volumes: { data: }
`,
    large: `services: { main: { image: "${registry}/library/bytes:1", command: ${command(TRAP)}, stop_grace_period: 1s } }\n`,
    full: `services:
  main: { image: "busybox:1", command: ${command(FILL)}, volumes: ["data:/data"] }
volumes: { data: }
`,
  });

const MEBI = 2 ** 20;
const LONG = 90_000;
/** From when the engine is back until all is as it should be. */
const CONVERGES_MS = 5_000;

requires(
  'postgres',
  'docker',
  'namespaces',
)('when the engine', () => {
  let own: OwnEngine;
  let world: World;
  const ada = user();
  const params = { app: 'pair' };
  const store = storeFor(process.env.TEST_REGISTRY ?? '');
  /** Ends the engine when the service asks it for something the Nth time. */
  let fate: { call: string; nth: number; end: () => Promise<void> } | undefined;
  const intercept = (engine: Engine): Engine =>
    new Proxy(engine, {
      get: (target, name) => {
        const ask = Reflect.get(target, name) as (...args: unknown[]) => unknown;
        return async (...args: unknown[]) => {
          if (fate?.call === name && (fate.nth -= 1) === 0) await fate.end();
          return ask(...args);
        };
      },
    });
  beforeAll(async () => {
    own = await createOwnEngine(256 * MEBI, 213);
    world = await createWorld({ store, host: own.host, intercept });
  }, LONG);
  afterAll(async () => {
    await world.close();
    await own.close();
  }, LONG);

  const left = async () => ({
    containers: await own.docker.listContainers({ all: true }),
    networks: await own.docker.listNetworks({ filters: { driver: ['bridge'], type: ['custom'] } }),
    volumes: (await own.docker.listVolumes()).Volumes,
  });
  const counts = async () => Object.values(await left()).map((each) => each.length);
  const inWriter = async (...command: string[]) => {
    const [found] = await own.docker.listContainers({ filters: { label: ['cep.service=writer'] } });
    const { printed } = await execIn(own.docker.getContainer(found?.Id ?? ''), command);
    return printed.split(/\s+/).filter(Boolean);
  };
  const update = async (WORD: string) =>
    (await world.call(ada, contract.updateApp, { params, body: { parameters: { WORD } } }))
      .operation;
  const destroyed = async (app: string) =>
    world.end(ada, (await world.destroy(ada, app, true)).operation);

  describe.each([
    { how: 'is restarted', signal: 'SIGTERM' as const, liveRestore: false },
    {
      how: 'is killed, and its containers with it',
      signal: 'SIGKILL' as const,
      liveRestore: false,
    },
    { how: 'is killed, and its containers go on', signal: 'SIGKILL' as const, liveRestore: true },
  ])('$how', ({ signal, liveRestore }) => {
    afterEach(async () => {
      fate = undefined;
      await destroyed('pair').catch(() => {});
    }, LONG);

    /** @returns milliseconds until the operation was done, from when the engine was back */
    async function struck(call: string, nth: number, begin: () => Promise<contract.App['id']>) {
      let tell = () => {};
      const gone = new Promise<void>((resolve) => {
        tell = resolve;
      });
      fate = { call, nth, end: () => own.end(signal).then(tell) };
      const id = await begin();
      await gone;
      await own.start({ liveRestore });
      const back = Date.now();
      const input = { params: { operation: id } };
      for (;;) {
        const now = await world.call(ada, getOperation, input);
        if (now.state !== 'running') {
          expect(now).toMatchObject({ state: 'succeeded' });
          return Date.now() - back;
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }

    test.each([
      { call: 'createContainer', nth: 2 },
      { call: 'start', nth: 1 },
    ])(
      'in the middle of a deployment, at $call $nth',
      async ({ call, nth }) => {
        const took = await struck(call, nth, async () => {
          return (await world.deploy(ada, { template: 'pair' })).operation.id;
        });

        expect(took).toBeLessThan(CONVERGES_MS);
        expect(await counts()).toEqual([2, 1, 1]);
        expect(await inWriter('ls', '/data')).toEqual(['lock', 'words']);
        await destroyed('pair');
        expect(await counts()).toEqual([0, 0, 0]);
      },
      LONG,
    );

    test.each([
      { call: 'stop', nth: 1 },
      { call: 'start', nth: 1 },
      { call: 'remove', nth: 1 },
    ])(
      'in the middle of an update, at $call $nth',
      async ({ call, nth }) => {
        await world.end(ada, (await world.deploy(ada, { template: 'pair' })).operation);

        const took = await struck(call, nth, async () => (await update('two')).id);

        // An update that nobody checks has to stay up for two seconds before it counts as done.
        expect(took).toBeLessThan(CONVERGES_MS + 2_000);
        await world.reaches(ada, 'pair', 'running');
        expect(await counts()).toEqual([2, 1, 1]);
        expect(await inWriter('ls', '/data')).toEqual(['lock', 'words']);
        expect((await inWriter('cat', '/data/words')).at(-1)).toBe('two');
      },
      LONG,
    );
  });

  describe('has no space', () => {
    afterAll(async () => {
      for (const app of ['pair', 'large', 'full']) await destroyed(app).catch(() => {});
    }, LONG);

    test(
      'an image that does not fit is told so, and deployed once there is room',
      async () => {
        const free = await own.fill(4 * MEBI);
        const { operation } = await world.deploy(ada, { template: 'large' });

        const end = await world.end(ada, operation);

        expect(end).toMatchObject({ state: 'failed', failure: { code: 'no-space' } });
        expect(end.failure?.message).toMatch(/Only \d MiB are free.*bytes:1 is not pulled/);
        expect(end.failure?.next).toContain('Free some space');
        await free();
        const again = await world.deploy(ada, { template: 'large' });
        expect(await world.end(ada, again.operation)).toMatchObject({ state: 'succeeded' });
        await destroyed('large');
      },
      LONG,
    );

    test(
      'an update that does not fit leaves what runs as it is',
      async () => {
        await world.end(ada, (await world.deploy(ada, { template: 'pair' })).operation);
        const before = (await left()).containers.map(({ Id }) => Id).sort();
        const free = await own.fill(0);

        const end = await world.end(ada, await update('two'));

        expect(end).toMatchObject({ state: 'failed', failure: { code: 'no-space' } });
        expect((await left()).containers.map(({ Id }) => Id).sort()).toEqual(before);
        expect((await world.show(ada, 'pair')).state).toBe('running');
        await free();
        expect(await world.end(ada, await update('two'))).toMatchObject({ state: 'succeeded' });
        expect(await inWriter('ls', '/data')).toEqual(['lock', 'words']);
        await destroyed('pair');
      },
      LONG,
    );

    test(
      'a program that fills the disk and ends for it is told so',
      async () => {
        await world.deploy(ada, { template: 'full' });

        const { reason } = await world.reaches(ada, 'full', 'failed');

        expect(reason).toMatchObject({ code: 'no-space' });
        expect(reason?.message).toContain('code 7');
        await destroyed('full');
        expect((await left()).volumes).toEqual([]);
      },
      LONG,
    );
  });
});
