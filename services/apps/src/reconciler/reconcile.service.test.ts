import { eventually } from '@cep/testing/eventually';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createWorld, storeOf, user, type World } from '../apps.fixture.ts';
import { USUAL } from '../engine/about.ts';
import type { Engine } from '../engine/engine.ts';
import { runDoomed } from '../run-doomed.fixture.ts';

const store = storeOf({
  pair: `, endpoints: [{name: web, service: web, port: 80, scheme: http}]}
services:
  web:
    image: hello:1
    ports: ["18180:80"]
    volumes: ["data:/data"]
    depends_on: { helper: { condition: service_started } }
    stop_grace_period: 1s
  helper:
    image: busybox:1
    command: [sh, -c, "trap 'exit 0' TERM; sleep 1000 & wait"]
    stop_grace_period: 1s
volumes: { data: }
`,
  slow: `services:
  main:
    image: busybox:1
    command: [sh, -c, "sleep 0.3; touch /tmp/ready; trap 'exit 0' TERM; sleep 1000 & wait"]
    healthcheck: { test: [CMD, test, -f, /tmp/ready], interval: 5m, timeout: 2s, retries: 3 }
    stop_grace_period: 1s
`,
});

const NOWHERE = 'unix:///nowhere/docker.sock';
const LONG = 60_000;

requires('postgres', 'docker')('the reconciler', () => {
  let world: World;
  const ada = user();
  let addresses: string[] = [];
  const here = { store, hostAddresses: async () => addresses };
  const away = { ...here, host: NOWHERE };
  beforeAll(async () => {
    world = await createWorld(here);
  }, LONG);
  afterAll(() => world.close(), LONG);

  const names = async () => {
    const { containers, networks, volumes } = await world.left();
    return [containers.length, networks.length, volumes.length];
  };

  test.each([0, 1, 3, 4, 5, 7, 8, 9, 11])(
    'killed at point %d of a deployment, goes on from there',
    async (point) => {
      await world.restart(away);
      const { operation } = await world.deploy(ada, { template: 'pair' });
      await world.stop();
      expect(await runDoomed(world, point)).toBe('SIGKILL');

      await world.restart(here);

      expect(await world.end(ada, operation)).toMatchObject({ state: 'succeeded' });
      expect(await names()).toEqual([2, 1, 1]);
      expect(await (await fetch('http://127.0.0.1:18180')).text()).toContain('hello');
      const { operation: end } = await world.destroy(ada, 'pair', true);
      expect(await world.end(ada, end)).toMatchObject({ state: 'succeeded' });
      expect(await names()).toEqual([0, 0, 0]);
    },
    LONG,
  );

  test(
    'killed while it destroys, finishes that',
    async () => {
      await world.end(ada, (await world.deploy(ada, { template: 'pair' })).operation);
      await world.restart(away);
      const { operation } = await world.destroy(ada, 'pair', true);
      await world.stop();
      await runDoomed(world, 3);

      await world.restart(here);

      expect(await world.end(ada, operation)).toMatchObject({ state: 'succeeded' });
      expect(await names()).toEqual([0, 0, 0]);
    },
    LONG,
  );

  test(
    'without the engine keeps what is wanted, says so, and goes on once it is there',
    async () => {
      await world.restart(away);
      const { operation } = await world.deploy(ada, { template: 'pair' });
      await eventually(async () => {
        expect(await world.show(ada, 'pair')).toMatchObject({
          state: 'pending',
          reason: { code: 'engine-unavailable' },
          services: [{ state: 'unknown' }, { state: 'unknown' }],
        });
      });

      await world.restart(here);

      expect(await world.end(ada, operation)).toMatchObject({ state: 'succeeded' });
      await world.restart(away);
      await eventually(async () => {
        expect((await world.show(ada, 'pair')).state).toBe('unknown');
      });
      await world.restart(here);
      await world.reaches(ada, 'pair', 'running');
    },
    LONG,
  );

  test(
    'brings back what somebody removed or stopped behind its back',
    async () => {
      const [container] = (await world.left()).containers;
      await world.docker.getContainer(container?.Id ?? '').remove({ force: true });
      await eventually(async () => expect(await names()).toEqual([2, 1, 1]), { within: 10_000 });
      await world.reaches(ada, 'pair', 'running');

      await world.end(ada, (await world.destroy(ada, 'pair', true)).operation);
    },
    LONG,
  );

  test(
    'does not wait for the first probe of an engine that takes its time',
    async () => {
      const abilities = async () => USUAL;
      const intercept = (engine: Engine): Engine => ({ ...engine, abilities });
      await world.restart({ ...here, intercept });

      const { operation } = await world.deploy(ada, { template: 'slow' });

      expect(await world.end(ada, operation)).toMatchObject({ state: 'succeeded' });
      await world.restart(here);
      await world.end(ada, (await world.destroy(ada, 'slow', true)).operation);
    },
    LONG,
  );

  test(
    'removes what belongs to no app, but never a volume',
    async () => {
      await world.end(ada, (await world.deploy(ada, { template: 'pair' })).operation);
      await world.stop();
      await world.db.query('delete from apps');
      await world.restart(here);

      await eventually(async () => expect(await names()).toEqual([0, 0, 1]), { within: 20_000 });
    },
    LONG,
  );

  test(
    'binds an app on a network to the address of this machine there, and nowhere else',
    async () => {
      const networkId = '6d8f9a3e-8a54-4b8e-9a53-0f9a6f1f1c11';
      await world.db.query(
        `insert into networks (id, project_id, name, cidr) values ($1, $2, 'home', '127.9.0.0/16')`,
        [networkId, ada.projectId],
      );
      await world.db.query(
        `insert into network_hosts (id, network_id, name, address) values ($1, $1, 'box', '127.9.0.2')`,
        [networkId],
      );
      const body = { template: 'pair', network: 'home' };
      await expect(world.deploy(ada, body)).rejects.toMatchObject({ code: 'not-connected' });
      await expect(world.deploy(ada, { ...body, network: 'elsewhere' })).rejects.toMatchObject({
        code: 'not-found',
      });
      addresses = ['127.0.0.1', '127.9.0.2'];

      const { operation } = await world.deploy(ada, body);

      expect(await world.end(ada, operation)).toMatchObject({ state: 'succeeded' });
      expect(await world.show(ada, 'pair')).toMatchObject({
        network: 'home',
        endpoints: [{ url: 'http://127.9.0.2:18180' }],
      });
      await expect(fetch('http://127.0.0.1:18180')).rejects.toThrow('fetch failed');
      const events = (await world.events()).map(({ data }) => data);
      expect(events).toContainEqual(expect.objectContaining({ networkId, address: '127.9.0.2' }));
    },
    LONG,
  );
});
