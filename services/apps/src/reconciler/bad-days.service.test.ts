import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listGenerations } from '@cep/contracts/generations';
import { eventually } from '@cep/testing/eventually';
import { fromRig } from '@cep/testing/from-rig';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createWorld, storeOf, user, type World } from '../apps.fixture.ts';
import { askedAt, badRegistry, PAUSE_MS } from './bad-registry.fixture.ts';

/** A fixed one: the store is made before the registry. */
const REGISTRY = 18_195;

const store = storeOf({
  absent: `services: { web: { image: "127.0.0.1:${REGISTRY}/missing:1" } }\n`,
  busy: `services: { web: { image: "127.0.0.1:${REGISTRY}/busy:1" } }\n`,
  broken: `services: { web: { image: "127.0.0.1:${REGISTRY}/broken:1" } }\n`,
  silent: `services: { web: { image: "127.0.0.1:${REGISTRY}/silent:1" } }\n`,
  later: `services: { web: { image: "127.0.0.1:${REGISTRY}/later:1" } }\n`,
  three: `services:
  one: { image: "127.0.0.1:${REGISTRY}/silent:1" }
  two: { image: "127.0.0.1:${REGISTRY}/silent:2" }
  three: { image: "127.0.0.1:${REGISTRY}/silent:3" }
`,
  elsewhere: `services: { web: { image: "localhost:${REGISTRY}/missing:1" } }\n`,
  halting: `services: { web: { image: "127.0.0.1:${REGISTRY}/halting:1" } }\n`,
  hungry: `services: { web: { image: "busybox:1", command: [sh, -c, "tail /dev/zero"], mem_limit: 16m } }\n`,
  greedy: `services: { web: { image: "busybox:1", command: [sh, -c, "sleep 0.5; tail /dev/zero"], mem_limit: 16m, restart: unless-stopped } }\n`,
  pair: `services:
  one: { image: "busybox:1", command: [sh, -c, "trap 'exit 0' TERM; sleep 1000 & wait"], restart: unless-stopped, volumes: ["data:/data"] }
  two: { image: "busybox:1", command: [sh, -c, "trap 'exit 0' TERM; sleep 1000 & wait"], restart: unless-stopped, depends_on: [one] }
volumes: { data: }
`,
});

const LONG = 60_000;

requires('postgres', 'docker')('on a bad day', () => {
  let world: World;
  const ada = user();
  const bad = createHttpServer(badRegistry);
  beforeAll(async () => {
    bad.listen(REGISTRY, '127.0.0.1');
    await once(bad, 'listening');
    world = await createWorld({ store });
  }, LONG);
  afterAll(async () => {
    await world.close();
    bad.close();
    bad.closeAllConnections();
  }, LONG);

  const destroyed = async (app: string) =>
    world.end(ada, (await world.destroy(ada, app, true)).operation);

  test.each([
    { template: 'absent', code: 'image-not-found' },
    { template: 'busy', code: 'registry-busy' },
    { template: 'broken', code: 'pull-failed' },
  ])(
    'a registry that is $template is told as $code, with a next step',
    async ({ template, code }) => {
      const { operation } = await world.deploy(ada, { template });

      const end = await world.end(ada, operation);

      expect(end).toMatchObject({ state: 'failed', failure: { code } });
      expect(end.failure?.next).not.toBe('');
      await destroyed(template);
    },
    LONG,
  );

  test.each(['silent', 'halting'])(
    'a registry that is %s is given up when nothing has come for a while',
    async (template) => {
      await world.restart({ store, pullPatience: 2_000 });

      const end = await world.end(ada, (await world.deploy(ada, { template })).operation);

      expect(end).toMatchObject({
        state: 'failed',
        failure: {
          code: 'pull-failed',
          message: expect.stringContaining('has sent nothing for 2 seconds'),
          next: expect.stringContaining('docker pull'),
        },
      });
      const bytes = end.seen.flatMap(({ pulls }) => pulls.map(({ doneBytes }) => doneBytes));
      expect(Math.max(0, ...bytes) > 0).toBe(template === 'halting');
      await destroyed(template);
      await world.restart({ store });
    },
    LONG,
  );

  test(
    'what fails twice for one reason is still said to have failed, for that reason',
    async () => {
      await world.end(ada, (await world.deploy(ada, { template: 'absent' })).operation);
      await world.end(ada, (await world.deploy(ada, { template: 'absent' })).operation);

      expect(await world.show(ada, 'absent')).toMatchObject({
        state: 'failed',
        reason: { code: 'image-not-found' },
        services: [{ state: 'absent', drift: [] }],
      });
      const params = { app: 'absent' };
      expect((await world.call(ada, listGenerations, { params })).generations).toMatchObject([
        { number: 1, state: 'failed', reason: { code: 'image-not-found' } },
      ]);
      await destroyed('absent');
    },
    LONG,
  );

  test(
    'a registry that says how long to wait is asked again only then',
    async () => {
      const end = await world.end(ada, (await world.deploy(ada, { template: 'later' })).operation);

      expect(end).toMatchObject({ failure: { code: 'image-not-found' } });
      const [first = 0] = askedAt;
      // Docker itself asks twice, one right after the other.
      const next = askedAt.find((at) => at > first + 500) ?? 0;
      expect(next).toBeGreaterThanOrEqual(first + PAUSE_MS);
      await destroyed('later');
    },
    LONG,
  );

  test(
    'a registry that says nothing keeps nobody from others',
    async () => {
      await world.deploy(ada, { template: 'three' });
      await world.reaches(ada, 'three', 'pulling');

      const { operation } = await world.deploy(ada, { template: 'elsewhere' });

      expect(await world.end(ada, operation)).toMatchObject({
        failure: { code: 'image-not-found' },
      });
      expect(await world.show(ada, 'three')).toMatchObject({ state: 'pulling' });
      await destroyed('three');
      await destroyed('elsewhere');
    },
    LONG,
  );

  test(
    'a registry that says nothing holds up nobody who changes their mind',
    async () => {
      const { operation } = await world.deploy(ada, { template: 'silent' });
      await world.reaches(ada, 'silent', 'pulling');

      expect(await destroyed('silent')).toMatchObject({ state: 'succeeded' });
      expect(await world.end(ada, operation)).toMatchObject({ failure: { code: 'cancelled' } });
    },
    LONG,
  );

  test(
    'a program that takes more memory than it has is told so',
    async () => {
      await world.deploy(ada, { template: 'hungry' });

      const { reason } = await world.reaches(ada, 'hungry', 'failed');

      expect(reason).toMatchObject({ code: 'out-of-memory' });
      await destroyed('hungry');
    },
    LONG,
  );

  test(
    'a program that runs, and later out of memory over and over, is told so with two ways out',
    async () => {
      const { operation } = await world.deploy(ada, { template: 'greedy' });
      expect(await world.end(ada, operation)).toMatchObject({ state: 'succeeded' });

      const { reason } = await world.reaches(ada, 'greedy', 'failed', 30_000);

      expect(reason).toMatchObject({
        code: 'out-of-memory',
        next: expect.stringMatching(/cep apps update.*cep apps rollback/),
      });
      await destroyed('greedy');
    },
    LONG,
  );

  describe('when the engine goes away in the middle', () => {
    let folder: string;
    let path: string;
    const sockets = new Set<Socket>();
    let isAway = false;
    let seen = 0;
    const proxy = createServer((near) => {
      if (isAway) return near.destroy();
      const far = connect(fromRig('TEST_DOCKER_HOST').replace('unix://', ''));
      for (const socket of [near, far]) {
        sockets.add(socket);
        socket.on('error', () => {}).on('close', () => sockets.delete(socket));
      }
      near.on('data', (bytes) => {
        // The second container is asked for, and the engine dies before it answers.
        if (bytes.toString('latin1').includes('POST /containers/create')) seen += 1;
        if (seen !== 2) return;
        seen += 1;
        isAway = true;
        for (const socket of sockets) socket.destroy();
      });
      return near.pipe(far).pipe(near);
    });
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'cep-proxy-'));
      path = join(folder, 'docker.sock');
      proxy.listen(path);
      await once(proxy, 'listening');
    });
    afterAll(async () => {
      proxy.close();
      for (const socket of sockets) socket.destroy();
      await rm(folder, { recursive: true });
    });

    test(
      'what was asked for waits, and is done once it is back; nothing is there twice',
      async () => {
        await world.restart({ store, host: `unix://${path}` });
        const { operation } = await world.deploy(ada, { template: 'pair' });
        await eventually(
          async () =>
            expect(await world.show(ada, 'pair')).toMatchObject({
              state: 'pending',
              reason: { code: 'engine-unavailable' },
            }),
          { within: 10_000 },
        );

        isAway = false;

        expect(await world.end(ada, operation)).toMatchObject({ state: 'succeeded' });
        const { containers, networks, volumes } = await world.left();
        expect([containers.length, networks.length, volumes.length]).toEqual([2, 1, 1]);
        await world.restart({ store });
        await destroyed('pair');
      },
      LONG,
    );
  });
});
