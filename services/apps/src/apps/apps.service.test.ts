import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { listApps } from '@cep/contracts/apps';
import { readLogs } from '@cep/contracts/logs';
import { fromRig } from '@cep/testing/from-rig';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createWorld, storeOf, user, type World } from '../apps.fixture.ts';

const store = storeOf({
  web: `, parameters: [{name: PORT, type: port, label: Port}, {name: TOKEN, type: secret, label: Token, generate: {kind: hex}}], endpoints: [{name: web, service: web, port: 80, scheme: http}]}
services:
  web:
    image: hello:1
    environment: { TOKEN: "\${TOKEN}" }
    ports: ["\${PORT:-18080}:80"]
    volumes: ["data:/data"]
    depends_on: { helper: { condition: service_started } }
    restart: unless-stopped
    stop_grace_period: 1s
  helper:
    image: busybox:1
    command: [sh, -c, "echo hello from the helper; trap 'exit 0' TERM; sleep 1000 & wait"]
    stop_grace_period: 1s
volumes: { data: }
`,
  gated: `services:
  db:
    image: busybox:1
    command: [sh, -c, "sleep 0.3; touch /tmp/ready; trap 'exit 0' TERM; sleep 1000 & wait"]
    healthcheck: { test: [CMD, test, -f, /tmp/ready], interval: 5s, timeout: 2s, retries: 3 }
  once:
    image: busybox:1
    command: ["true"]
    depends_on: { db: { condition: service_healthy } }
  api:
    image: busybox:1
    command: [sh, -c, "trap 'exit 0' TERM; sleep 1000 & wait"]
    depends_on: { once: { condition: service_completed_successfully } }
`,
  absent: `services: { web: { image: "127.0.0.1:1/library/nothing:1" } }\n`,
  crash: `services: { web: { image: "busybox:1", command: [sh, -c, "echo last words; exit 3"] } }\n`,
  sick: `services: { web: { image: "busybox:1", command: [sleep, "1000"], healthcheck: { test: ["CMD", "false"], interval: 200ms, timeout: 1s, retries: 1 }, stop_grace_period: 1s } }\n`,
});

const LONG = 30_000;

requires(
  'postgres',
  'docker',
  'compose',
)('apps on a real engine', () => {
  let world: World;
  const ada = user();
  beforeAll(async () => {
    world = await createWorld({ store });
  }, LONG);
  afterAll(() => world.close(), LONG);

  const deployed = async (body: Parameters<World['deploy']>[1], as = ada) => {
    const { app, operation } = await world.deploy(as, body);
    return { app, end: await world.end(as, operation) };
  };
  const destroyed = async (app: string, volumes = false) =>
    world.end(ada, (await world.destroy(ada, app, volumes)).operation);

  test(
    'are deployed, shown, and destroyed; their volumes and secrets come back',
    async () => {
      const { app, end } = await deployed({ template: 'web' });
      expect(app).toMatchObject({ name: 'web', state: 'pending', generation: 1 });
      expect(end).toMatchObject({ state: 'succeeded', failure: null });
      const shown = await world.show(ada, 'web', true);
      expect(shown).toMatchObject({
        state: 'running',
        endpoints: [{ url: 'http://127.0.0.1:18080' }],
        services: [{ state: 'running' }, { state: 'running' }],
      });
      expect((await world.show(ada, 'web')).parameters).toEqual({});
      expect(await (await fetch('http://127.0.0.1:18080')).text()).toContain('hello');

      expect(await destroyed('web')).toMatchObject({ state: 'succeeded' });
      const { containers, networks, volumes } = await world.left();
      expect([containers.length, networks.length, volumes.length]).toEqual([0, 0, 1]);
      await expect(world.show(ada, 'web')).rejects.toMatchObject({ code: 'not-found' });

      await deployed({ template: 'web' });
      expect(await world.show(ada, 'web', true)).toMatchObject({
        id: shown.id,
        parameters: shown.parameters,
      });
      expect((await world.left()).volumes).toHaveLength(1);
      await destroyed('web', true);
      expect((await world.left()).volumes).toEqual([]);
      expect((await world.events()).map(({ name }) => name)).toEqual([
        'apps.app.running',
        'apps.app.destroyed',
        'apps.app.running',
        'apps.app.destroyed',
      ]);
    },
    LONG,
  );

  test(
    'wait for their gates: healthy, then completed, then started',
    async () => {
      const { end } = await deployed({ template: 'gated' });

      expect(end).toMatchObject({ state: 'succeeded' });
      const { services } = await world.show(ada, 'gated');
      expect(services.map(({ state, health }) => [state, health])).toEqual([
        ['running', 'healthy'],
        ['exited', null],
        ['running', null],
      ]);
      await destroyed('gated');
    },
    LONG,
  );

  test(
    'live side by side, each with a port of its own; the same request is no second app',
    async () => {
      const [one, two] = await Promise.all([
        deployed({ template: 'web', name: 'one' }),
        deployed({ template: 'web', name: 'two' }),
      ]);
      expect([one.end.state, two.end.state]).toEqual(['succeeded', 'succeeded']);
      const again = await deployed({ template: 'web', name: 'one' });
      expect(again.app.id).toBe(one.app.id);
      expect(again.end.state).toBe('succeeded');
      const { apps } = await world.call(ada, listApps, {});
      expect(apps.map(({ name }) => name)).toEqual(['one', 'two']);
      expect(
        apps.flatMap(({ endpoints }) => endpoints.map(({ port }) => port)).sort((a, b) => a - b),
      ).toEqual([18080, 18081]);
      expect((await world.left()).containers).toHaveLength(4);

      await expect(
        world.deploy(ada, { template: 'web', name: 'one', parameters: { PORT: '19000' } }),
      ).rejects.toMatchObject({ code: 'name-taken' });
      await expect(
        world.deploy(ada, { template: 'web', name: 'three', parameters: { PORT: '18080' } }),
      ).rejects.toMatchObject({ code: 'port-taken' });
      await expect(world.show(ada, 'three')).rejects.toMatchObject({ code: 'not-found' });
      await expect(world.show(user(), 'one')).rejects.toMatchObject({ code: 'not-found' });
      await Promise.all([destroyed('one', true), destroyed('two', true)]);
    },
    LONG,
  );

  describe('on a port that a stranger listens on', () => {
    const stranger = createServer();
    beforeAll(() => new Promise<void>((resolve) => stranger.listen(18080, '127.0.0.1', resolve)));
    afterAll(() => new Promise((resolve) => stranger.close(resolve)));

    test(
      'take the next one, unless just that one was asked for',
      async () => {
        expect((await deployed({ template: 'web' })).end.state).toBe('succeeded');
        expect((await world.show(ada, 'web')).endpoints).toMatchObject([{ port: 18081 }]);
        const fixed = await deployed({
          template: 'web',
          name: 'fixed',
          parameters: { PORT: '18080' },
        });

        expect(fixed.end).toMatchObject({ state: 'failed', failure: { code: 'port-taken' } });
        expect(await world.show(ada, 'fixed')).toMatchObject({ state: 'failed' });
        await Promise.all([destroyed('web', true), destroyed('fixed', true)]);
      },
      LONG,
    );
  });

  test.each([
    { template: 'absent', code: 'pull-failed', says: /127\.0\.0\.1:1/ },
    { template: 'crash', code: 'exited', says: /code 3.*\nlast words/ },
    { template: 'sick', code: 'unhealthy', says: /health check/ },
  ])(
    'say why they do not run: $code',
    async ({ template, code, says }) => {
      await deployed({ template });
      const app = await world.reaches(ada, template, 'failed');

      expect(app.reason).toMatchObject({ code, message: expect.stringMatching(says) });
      await destroyed(template);
      expect((await world.left()).containers).toEqual([]);
    },
    LONG,
  );

  test(
    'destroyed in the middle of a deployment leave nothing behind',
    async () => {
      const { operation } = await world.deploy(ada, { template: 'gated' });
      const end = await destroyed('gated');

      expect(end.state).toBe('succeeded');
      expect((await world.end(ada, operation)).state).not.toBe('running');
      expect((await world.left()).containers).toEqual([]);
    },
    LONG,
  );

  test(
    'are seen by docker compose as projects of its own',
    async () => {
      await deployed({ template: 'web' });
      const compose = async (...args: string[]) => {
        const env = { ...process.env, DOCKER_HOST: fromRig('TEST_DOCKER_HOST') };
        return (await promisify(execFile)(fromRig('TEST_DOCKER_COMPOSE'), args, { env })).stdout;
      };
      const [project = ''] = (await compose('ls', '--quiet'))
        .split('\n')
        .filter((name) => name.startsWith('cep-web-'));

      expect(await compose('-p', project, 'ps', '--services')).toMatch(/helper\nweb|web\nhelper/);
      expect(await compose('-p', project, 'logs', 'helper')).toContain('hello from the helper');
      await destroyed('web', true);
    },
    LONG,
  );

  test(
    'print logs, merged by time',
    async () => {
      await deployed({ template: 'web' });
      const input = { params: { app: 'web' }, query: { follow: false, tail: 10 } };
      const lines = [];
      for await (const line of await (await world.client(ada)).stream(readLogs, input))
        lines.push(line);

      expect(lines).toContainEqual(
        expect.objectContaining({
          service: 'helper',
          stream: 'stdout',
          text: 'hello from the helper',
        }),
      );
      const follow = await (await world.client(ada)).stream(readLogs, {
        params: { app: 'web' },
        query: { follow: true, tail: 10 },
      });
      const gone = destroyed('web', true);
      const followed = [];
      for await (const line of follow) followed.push(line.text);
      expect(followed).toContain('hello from the helper');
      await gone;
    },
    LONG,
  );
});
