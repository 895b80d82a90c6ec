import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listGenerations } from '@cep/contracts/generations';
import { eventually } from '@cep/testing/eventually';
import { fromRig } from '@cep/testing/from-rig';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createWorld, storeOf, user, type World } from '../apps.fixture.ts';

/** A fixed one: the store is made before the registry. */
const REGISTRY = 18_195;

const store = storeOf({
  absent: `services: { web: { image: "127.0.0.1:${REGISTRY}/missing:1" } }\n`,
  busy: `services: { web: { image: "127.0.0.1:${REGISTRY}/busy:1" } }\n`,
  broken: `services: { web: { image: "127.0.0.1:${REGISTRY}/broken:1" } }\n`,
  silent: `services: { web: { image: "127.0.0.1:${REGISTRY}/silent:1" } }\n`,
  halting: `services: { web: { image: "127.0.0.1:${REGISTRY}/halting:1" } }\n`,
  hungry: `services: { web: { image: "busybox:1", command: [sh, -c, "tail /dev/zero"], mem_limit: 16m } }\n`,
  pair: `services:
  one: { image: "busybox:1", command: [sh, -c, "trap 'exit 0' TERM; sleep 1000 & wait"], restart: unless-stopped, volumes: ["data:/data"] }
  two: { image: "busybox:1", command: [sh, -c, "trap 'exit 0' TERM; sleep 1000 & wait"], restart: unless-stopped, depends_on: [one] }
volumes: { data: }
`,
});

const STATUS = { missing: 404, busy: 429, broken: 500 } as const;
const LONG = 60_000;

/** An image of one layer, of which only half ever comes. */
const HALTING = haltingImage();

/** Answers what a bad registry does; of `silent` it says nothing at all. */
const registry: RequestListener = (req, res) => {
  const [, , name = '', kind = '', what = ''] = req.url?.split('/') ?? [];
  if (name === 'silent') return;
  if (name === 'halting') {
    const found = HALTING.get(kind === 'manifests' ? 'manifest' : what);
    if (!found) return void res.writeHead(404).end();
    const { type, digest, bytes, sent = bytes.length } = found;
    const length = { 'content-type': type, 'content-length': bytes.length };
    res.writeHead(200, { ...length, 'docker-content-digest': digest });
    if (req.method === 'HEAD' || sent === bytes.length) res.end(bytes);
    else res.write(bytes.subarray(0, sent));
    return;
  }
  if (!Object.hasOwn(STATUS, name)) {
    res.writeHead(200, { 'docker-distribution-api-version': 'registry/2.0' }).end('{}');
    return;
  }
  const status = STATUS[name as keyof typeof STATUS];
  const code = { 404: 'MANIFEST_UNKNOWN', 429: 'TOOMANYREQUESTS', 500: 'UNKNOWN' }[status];
  const errors = [{ code, message: name === 'missing' ? 'manifest unknown' : name }];
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ errors }));
};

interface Blob {
  readonly type: string;
  readonly digest: string;
  readonly bytes: Buffer;
  /** So much of it is sent, and then nothing more. */
  readonly sent?: number;
}

function haltingImage(): Map<string, Blob> {
  const type = (what: string) => `application/vnd.docker.${what}`;
  const blobOf = (kind: string, bytes: Buffer): Blob => ({
    ...{ type: type(kind), bytes },
    digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
  });
  const layer = blobOf('image.rootfs.diff.tar.gzip', randomBytes(4_000_000));
  const rootfs = { type: 'layers', diff_ids: [layer.digest] };
  const config = blobOf(
    'container.image.v1+json',
    Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', config: {}, rootfs })),
  );
  const named = ({ type: mediaType, digest, bytes }: Blob) => ({
    ...{ mediaType, digest, size: bytes.length },
  });
  const mediaType = type('distribution.manifest.v2+json');
  const manifest = { schemaVersion: 2, mediaType, config: named(config), layers: [named(layer)] };
  return new Map([
    ['manifest', blobOf('distribution.manifest.v2+json', Buffer.from(JSON.stringify(manifest)))],
    [config.digest, config],
    [layer.digest, { ...layer, sent: layer.bytes.length / 2 }],
  ]);
}

requires('postgres', 'docker')('on a bad day', () => {
  let world: World;
  const ada = user();
  const bad = createHttpServer(registry);
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
