import { randomUUID } from 'node:crypto';
import { destroyApp, getApp } from '@cep/contracts/apps';
import * as contract from '@cep/contracts/engines';
import { execute } from '@cep/contracts/executions';
import { listPools, listVolumes } from '@cep/contracts/volumes';
import { type Authority, createAuthority, type Issued } from '@cep/testing/certificates';
import { eventually } from '@cep/testing/eventually';
import { createLab, type Lab } from '@cep/testing/lab';
import { type RemoteDocker, startRemoteDocker } from '@cep/testing/remote-docker';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createWorld, storeOf, user, type World } from '../apps.fixture.ts';
import { startProxy } from './frozen-proxy.fixture.ts';

const PORT = 18_640;

const store = storeOf({
  wiki: `services:
  web:
    image: busybox:1
    command: [sh, -c, "trap 'exit 0' TERM; echo up; sleep 1000 & wait"]
    restart: unless-stopped
    volumes: ["data:/data"]
    ports: ["${PORT}:80"]
volumes: { data: }
`,
});

const LONG = 120_000;

requires(
  'postgres',
  'docker',
  'namespaces',
)('an engine of another machine', () => {
  let world: World;
  let lab: Lab<'barn'>;
  let barn: RemoteDocker;
  let authority: Authority;
  let client: Issued;
  const ada = { ...user(), role: 'admin' as const };

  beforeAll(async () => {
    lab = await createLab({ hosts: ['barn'] });
    authority = await createAuthority();
    client = await authority.issue({ for: 'client' });
    const { address } = lab.hosts.barn;
    const names = [address, '127.0.0.1'];
    const identity = await authority.issue({ for: 'server', names });
    const ca = authority.certificate;
    barn = await startRemoteDocker({
      ...{ host: lab.hosts.barn, ca, identity, images: ['busybox:1'] },
    });
    world = await createWorld({ store });
  }, LONG);
  afterAll(async () => {
    await world?.close();
    await barn?.close();
    await lab?.close();
  }, LONG);

  type Body = Parameters<typeof put>[1];
  const put = (name: string, given: Partial<typeof client & { url: string }> & object = {}) =>
    world.call(ada, contract.putEngine, {
      params: { engine: name },
      body: { url: barn.url, ca: authority.certificate, replaced: false, ...client, ...given },
    });
  const show = (name: string) => world.call(ada, contract.getEngine, { params: { engine: name } });
  const stateOf = async (app: string) => {
    const input = { params: { app }, query: { secrets: false } };
    return world.call(ada, getApp, input);
  };
  const reaches = (name: string, state: contract.Engine['state'], within = 40_000) =>
    eventually(async () => expect((await show(name)).state).toBe(state), { within });
  const run = async (app: string, ...command: string[]) => {
    const input = { params: { app }, body: { command, input: false } };
    const told = [];
    for await (const event of await (await world.client(ada)).stream(execute, input)) {
      if (event.data) told.push(Buffer.from(event.data, 'base64').toString());
    }
    return told.join('').trim();
  };
  const deploy = async (name: string, engine?: string) => {
    const { operation } = await world.deploy(ada, {
      ...{ template: 'wiki', name },
      ...(engine && { engine }),
    });
    expect(await world.end(ada, operation)).toMatchObject({ state: 'succeeded' });
  };
  const destroy = async (app: string, volumes: boolean) => {
    const { operation } = await world.call(ada, destroyApp, {
      params: { app },
      query: { volumes },
    });
    return world.end(ada, operation);
  };

  describe('is added', () => {
    test('by nobody but an administrator', async () => {
      const input = { params: { engine: 'barn' } };
      await expect(world.call(user(), contract.listEngines, {})).rejects.toMatchObject({
        code: 'forbidden',
      });
      await expect(world.call(user(), contract.removeEngine, input)).rejects.toMatchObject({
        code: 'forbidden',
      });
    });

    test('once it was met; the same again changes nothing', async () => {
      const added = await put('barn', { addresses: [lab.hosts.barn.address] } as Body);
      const { rows: before } = await world.db.query('select * from engines where name = $1', [
        'barn',
      ]);
      const again = await put('barn');
      const { rows: after } = await world.db.query('select * from engines where name = $1', [
        'barn',
      ]);

      expect(added).toMatchObject({
        ...{ name: 'barn', url: barn.url, state: 'reachable', apps: 0 },
        ...{ addresses: [lab.hosts.barn.address], version: expect.any(String) },
      });
      expect(again).toEqual(added);
      expect(after).toEqual(before);
    });

    test('with a key that is sealed and never told', async () => {
      const { rows } = await world.db.query('select * from engines where name = $1', ['barn']);
      const { engines } = await world.call(ada, contract.listEngines, {});
      const [, line = ''] = client.key.split('\n');

      expect(rows[0].key.toString('latin1')).not.toContain(line);
      expect(JSON.stringify(engines)).not.toContain(line);
      expect(engines.map(({ name }) => name)).toEqual(['local', 'barn']);
    });

    test('once, whatever it is called', async () => {
      await expect(put('shed')).rejects.toMatchObject({
        code: 'engine-known',
        message: expect.stringContaining('"barn"'),
      });
    });

    test('not with a certificate that it does not take', async () => {
      const stranger = await (await createAuthority()).issue({ for: 'client' });

      await expect(put('shed', stranger)).rejects.toMatchObject({
        code: 'engine-unusable',
        members: { why: 'refused' },
      });
    });

    test('never in place of the local one, which also stays', async () => {
      const input = { params: { engine: 'local' } };
      await expect(put('default')).rejects.toMatchObject({ code: 'invalid-request' });
      await expect(put('local')).rejects.toMatchObject({ code: 'invalid-request' });
      await expect(world.call(ada, contract.removeEngine, input)).rejects.toMatchObject({
        code: 'invalid-request',
      });
    });
  });

  test(
    'runs apps beside those of others: the same port, and data of their own',
    async () => {
      await Promise.all([deploy('here'), deploy('there', 'barn')]);

      const [here, there] = await Promise.all([stateOf('here'), stateOf('there')]);
      expect(here).toMatchObject({ engine: 'local', state: 'running' });
      expect(there).toMatchObject({ engine: 'barn', state: 'running' });
      expect([here, there].map(({ endpoints }) => endpoints)).toEqual([[], []]);
      const { rows } = await world.db.query('select engine, port from port_claims order by engine');
      expect(rows).toEqual([
        { engine: 'barn', port: PORT },
        { engine: 'local', port: PORT },
      ]);
      expect(await run('here', 'hostname')).not.toBe(await run('there', 'hostname'));
      expect(await world.left()).toMatchObject({ containers: { length: 1 } });
      expect(await barn.docker.listContainers()).toHaveLength(1);
      const { pools } = await world.call(ada, listPools, {});
      expect(pools.map(({ name, engine }) => [name, engine])).toEqual([
        ['default', 'local'],
        ['barn', 'barn'],
      ]);
      const lists = await Promise.all(
        pools.map(({ name: pool }) =>
          world.call(ada, listVolumes, { params: { pool }, query: { sizes: true } }),
        ),
      );
      expect(lists.map(({ volumes }) => volumes.map(({ app, pool }) => [app, pool]))).toEqual([
        [['here', 'default']],
        [['there', 'barn']],
      ]);
    },
    LONG,
  );

  test('keeps its apps: they do not move', async () => {
    await expect(
      world.deploy(ada, { template: 'wiki', name: 'there', engine: 'local' }),
    ).rejects.toMatchObject({ code: 'engine-fixed', message: expect.stringContaining('"barn"') });
    const { app } = await world.deploy(ada, { template: 'wiki', name: 'there' });
    expect(app.engine).toBe('barn');
    await expect(
      world.deploy(ada, { template: 'wiki', name: 'x', engine: 'shed' }),
    ).rejects.toMatchObject({ code: 'not-found' });
  });

  test(
    'binds apps to the address that its machine has on their network',
    async () => {
      const networkId = randomUUID();
      const { address } = lab.hosts.barn;
      await world.db.query(
        `insert into networks (id, project_id, name, cidr) values ($1, $2, 'home', '198.18.0.0/16')`,
        [networkId, ada.projectId],
      );
      await world.db.query(
        `insert into network_hosts (id, network_id, name, address) values ($1, $2, 'barn', $3)`,
        [randomUUID(), networkId, address],
      );

      const wish = { template: 'wiki', name: 'open', network: 'home', engine: 'barn' };
      const { operation } = await world.deploy(ada, wish);
      await world.end(ada, operation);

      const [container] = (await barn.docker.listContainers()).filter(({ Names }) =>
        Names[0]?.includes('open'),
      );
      expect(container?.Ports.map(({ IP }) => IP)).toEqual([address]);
      await expect(
        world.deploy(ada, { ...wish, name: 'lost', engine: 'local' }),
      ).rejects.toMatchObject({ code: 'not-connected' });
      await destroy('open', true);
    },
    LONG,
  );

  test(
    'that is lost leaves its apps unknown, disturbs no other, and is healed by its return',
    async () => {
      await run('there', 'sh', '-c', 'echo kept > /data/kept');
      await barn.kill();
      await reaches('barn', 'lost');

      const [here, there, engine] = await Promise.all([
        stateOf('here'),
        stateOf('there'),
        show('barn'),
      ]);
      expect(here).toMatchObject({ state: 'running', reason: null });
      expect(there).toMatchObject({
        state: 'unknown',
        services: [{ name: 'web', state: 'unknown', drift: [] }],
        reason: { code: 'engine-unavailable', message: expect.stringContaining('"barn" since 20') },
      });
      expect(engine).toMatchObject({ since: expect.any(String), why: expect.any(String) });
      await expect(run('there', 'hostname')).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining('"barn"'),
      });
      await expect(
        world.call(ada, listVolumes, { params: { pool: 'barn' }, query: { sizes: false } }),
      ).rejects.toMatchObject({ code: 'unavailable' });
      expect(await run('here', 'echo', 'fine')).toBe('fine');
      expect(await world.left()).toMatchObject({ containers: { length: 1 } });

      await barn.start();
      await reaches('barn', 'reachable');
      await world.reaches(ada, 'there', 'running', 60_000);
      const read = async () => expect(await run('there', 'cat', '/data/kept')).toBe('kept');
      await eventually(read, { within: 20_000 });
    },
    LONG,
  );

  test(
    'that hangs holds up neither what was asked of it nor anybody else',
    async () => {
      const proxy = await startProxy(lab.hosts.barn.address, 2376);
      try {
        expect(await put('barn', { url: proxy.url })).toMatchObject({ url: proxy.url });
        await world.reaches(ada, 'there', 'running');
        proxy.freeze();
        const hanging = run('there', 'hostname').catch((error: unknown) => error);

        expect(await run('here', 'echo', 'fine')).toBe('fine');
        await deploy('second');
        expect(await hanging).toMatchObject({ code: 'unavailable' });
        await reaches('barn', 'lost');
        expect(await stateOf('there')).toMatchObject({
          state: 'unknown',
          reason: { message: expect.stringContaining('does not answer') },
        });

        proxy.thaw();
        await world.reaches(ada, 'there', 'running', 40_000);
      } finally {
        expect(await put('barn')).toMatchObject({ url: barn.url });
        proxy.close();
      }
      await destroy('second', true);
    },
    LONG,
  );

  test(
    'whose machine was replaced takes up its apps only when somebody says so',
    async () => {
      await barn.kill();
      await barn.start({ forgets: true });
      await reaches('barn', 'lost');
      await eventually(async () => expect((await show('barn')).why).toContain('another Docker'));

      await expect(put('barn')).rejects.toMatchObject({
        code: 'engine-in-use',
        message: expect.stringContaining('there'),
      });
      expect(await put('barn', { replaced: true } as Body)).toMatchObject({ state: 'reachable' });
      await world.reaches(ada, 'there', 'running', 60_000);
    },
    LONG,
  );

  test(
    'is removed when neither apps nor their data are on it',
    async () => {
      const remove = () => world.call(ada, contract.removeEngine, { params: { engine: 'barn' } });
      await expect(remove()).rejects.toMatchObject({
        code: 'engine-in-use',
        message: expect.stringContaining('there'),
      });
      await destroy('there', false);
      await expect(remove()).rejects.toMatchObject({ code: 'engine-in-use' });
      await expect(
        world.deploy(ada, { template: 'wiki', name: 'there', engine: 'local' }),
      ).rejects.toMatchObject({ code: 'engine-fixed' });
      await deploy('there');
      expect(await stateOf('there')).toMatchObject({ engine: 'barn' });
      await destroy('there', true);

      await remove();

      await expect(show('barn')).rejects.toMatchObject({ code: 'not-found' });
      await expect(remove()).rejects.toMatchObject({ code: 'not-found' });
      expect(await barn.docker.listContainers({ all: true })).toEqual([]);
      await destroy('here', true);
    },
    LONG,
  );
});
