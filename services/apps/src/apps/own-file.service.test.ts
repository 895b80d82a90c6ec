import { updateApp } from '@cep/contracts/apps';
import { readLogs } from '@cep/contracts/logs';
import { planUpdate } from '@cep/contracts/plans';
import { renderApp } from '@cep/contracts/renderings';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createWorld, storeOf, user, type World } from '../apps.fixture.ts';

const COMPOSE = `name: mine
services:
  web:
    image: busybox:1
    command: [sh, -c, "cat /greeting /run/secrets/word /etc/own.conf; ls -l /run/secrets/word; sleep 1000"]
    configs: [greeting]
    secrets: [{ source: word, mode: "0400" }]
    volumes: ["./own.conf:/etc/own.conf:ro", "./data:/data"]
    tty: true
    ulimits: { nofile: 2048 }
    cpus: 64
    stop_grace_period: 0s
  beside:
    image: busybox:1
    command: [sh, -c, "sleep 1000"]
    network_mode: "service:web"
    ipc: "service:web"
    stop_grace_period: 0s
configs: { greeting: { content: "hello \${WHOM}\\n" } }
secrets: { word: { environment: WORD } }
`;
const files = { 'own.conf': 'own\n' };
const parameters = { WHOM: 'ada', WORD: 'open sesame' };
const LONG = 30_000;

requires('postgres', 'docker')('a compose file of one’s own', () => {
  let world: World;
  const ada = user();
  const admin = { ...user(), role: 'admin' as const };
  beforeAll(async () => {
    world = await createWorld({ store: storeOf({}) });
  }, LONG);
  afterAll(() => world.close(), LONG);

  const source = { compose: COMPOSE, files, parameters };

  test('is shown before: what would run, and nothing of it is there', async () => {
    const shown = await world.call(ada, renderApp, { body: source });

    expect(shown).toMatchObject({ name: 'mine', deployable: true, parameters: { WHOM: 'ada' } });
    expect((await world.left()).containers).toEqual([]);
    expect((await world.db.query('select from apps')).rowCount).toBe(0);
  });

  test(
    'runs with its files, its limits and what its services share',
    async () => {
      const { app, operation } = await world.deploy(ada, source);
      expect(await world.end(ada, operation)).toMatchObject({ state: 'succeeded', failure: null });
      expect(app).toMatchObject({ name: 'mine', store: 'file', template: 'mine' });

      const [web, beside] = await Promise.all(
        ['web', 'beside'].map((service) =>
          world.docker.getContainer(`cep-mine-${app.id.slice(0, 8)}-${service}-g1`).inspect(),
        ),
      );
      expect(web?.HostConfig).toMatchObject({
        Memory: 2 ** 31,
        MemorySwap: 2 ** 31,
        CpuQuota: 6_400_000,
        PidsLimit: 512,
        IpcMode: 'shareable',
        Ulimits: [{ Name: 'nofile', Soft: 2048, Hard: 2048 }],
      });
      expect(beside?.HostConfig.NetworkMode).toMatch(/^container:/);

      const lines: string[] = [];
      const query = { follow: false, tail: 100, service: 'web' };
      const client = await world.client(ada);
      const stream = await client.stream(readLogs, { params: { app: 'mine' }, query });
      for await (const { text } of stream) lines.push(text);
      expect(lines.join('\n')).toMatch(/^hello ada\nopen sesame ?own\n-r-{8}/);
    },
    LONG,
  );

  test('typed again is the same app; changed it is not', async () => {
    expect((await world.deploy(ada, source)).app.name).toBe('mine');
    const changed = { ...source, compose: COMPOSE.replace('2048', '1024') };
    await expect(world.deploy(ada, changed)).rejects.toThrow('made otherwise');
  });

  test(
    'is updated from the file as it is now, which keeps the parameters and is no other app’s',
    async () => {
      const params = { app: 'mine' };
      const update = (compose: string) =>
        world.call(ada, updateApp, { params, body: { parameters: {}, compose, files } });

      const { app, operation } = await update(COMPOSE.replace('2048', '1024'));

      expect(await world.end(ada, operation)).toMatchObject({ state: 'succeeded' });
      const name = `cep-mine-${app.id.slice(0, 8)}-web-g2`;
      const { HostConfig, Mounts } = await world.docker.getContainer(name).inspect();
      expect(HostConfig.Ulimits).toEqual([{ Name: 'nofile', Soft: 1024, Hard: 1024 }]);
      expect(Mounts).toMatchObject([{ Destination: '/data', Type: 'volume' }]);
      expect((await world.show(ada, 'mine')).parameters).toEqual({ WHOM: 'ada' });
      await expect(update(COMPOSE.replace('name: mine', 'name: other'))).rejects.toThrow(
        'made of "mine"',
      );
    },
    LONG,
  );

  test(
    'with what no app has is refused, until an administrator grants it',
    async () => {
      const compose =
        'services: {web: {image: "busybox:1", command: [sleep, "1000"], stop_grace_period: 0s, cap_add: [NET_ADMIN]}}';
      const grants = [{ permission: 'capability:NET_ADMIN', reason: 'makes a tunnel' }];
      const body = { compose, name: 'tunnel' };

      await expect(world.deploy(ada, body)).rejects.toMatchObject({ code: 'permission-needed' });
      await expect(world.deploy(ada, { ...body, grants })).rejects.toMatchObject({
        code: 'forbidden',
      });
      const { app, operation } = await world.deploy(admin, { ...body, grants });
      expect((await world.end(admin, operation)).state).toBe('succeeded');
      expect((await world.show(admin, 'tunnel')).grants).toMatchObject([
        { ...grants[0], by: admin.username },
      ]);
      const name = `cep-tunnel-${app.id.slice(0, 8)}-web-g1`;
      const { HostConfig } = await world.docker.getContainer(name).inspect();
      expect(HostConfig.CapAdd).toContain('NET_ADMIN');

      const more = compose.replace('NET_ADMIN', 'NET_ADMIN, SYS_TIME');
      const params = { app: 'tunnel' };
      const again = { parameters: {}, compose: more };
      await expect(world.call(admin, updateApp, { params, body: again })).rejects.toMatchObject({
        code: 'permission-needed',
      });
      const plan = await world.call(admin, planUpdate, { params, body: again });
      expect(plan.review).toMatchObject({
        changes: [{ service: 'web', is: 'changed', what: ['capAdd'] }],
        permissions: [
          { permission: 'capability:NET_ADMIN', granted: true },
          { permission: 'capability:SYS_TIME', granted: false },
        ],
      });
      expect(plan.steps.map((step) => step.do)).toContain('create');
      const clock = [{ permission: 'capability:SYS_TIME', reason: 'sets the clock' }];
      await expect(
        world.call({ ...admin, role: 'user' }, updateApp, {
          params,
          body: { ...again, grants: clock },
        }),
      ).rejects.toMatchObject({ code: 'forbidden' });
      const updated = await world.call(admin, updateApp, {
        params,
        body: { ...again, grants: clock },
      });
      expect((await world.end(admin, updated.operation)).state).toBe('succeeded');
      expect((await world.show(admin, 'tunnel')).grants).toMatchObject([...grants, ...clock]);
      const same = await world.call(admin, planUpdate, { params, body: again });
      expect(same.review?.changes).toEqual([]);
      expect(same.review?.permissions.every(({ granted }) => granted)).toBe(true);
    },
    LONG,
  );

  test('of another registry than those that are allowed is not written down', async () => {
    const strict = await createWorld({ store: storeOf({}), registries: ['registry.example/team'] });
    const compose = 'services: {web: {image: "busybox:1"}}';

    await expect(strict.deploy(ada, { compose, name: 'strange' })).rejects.toMatchObject({
      code: 'app-refused',
      message: expect.stringContaining('must be of registry.example/team (registry)'),
    });
    expect((await strict.db.query('select from apps')).rowCount).toBe(0);
    await strict.close();
  });

  test('with a bad key, or with the socket, is not written down', async () => {
    const bad = (service: string) =>
      world.deploy(admin, { compose: `services: {web: {image: x, ${service}}}`, name: 'bad' });

    await expect(bad('enviroment: {}')).rejects.toThrow('did you mean "environment"');
    await expect(bad('volumes: ["/var/run/docker.sock:/s"]')).rejects.toMatchObject({
      code: 'app-refused',
    });
    const { rows } = await world.db.query("select from apps where name = 'bad'");
    expect(rows).toEqual([]);
  });
});
