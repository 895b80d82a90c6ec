import { randomUUID } from 'node:crypto';
import * as contract from '@cep/contracts/engines';
import { planDeployment } from '@cep/contracts/plans';
import { listPools } from '@cep/contracts/pools';
import { listVolumes } from '@cep/contracts/volumes';
import { createAuthority } from '@cep/testing/certificates';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { user } from '../apps.fixture.ts';
import { type Barn, createBarn, PORT } from './barn.fixture.ts';

const LONG = 120_000;

requires(
  'postgres',
  'docker',
  'namespaces',
)('an engine of another machine', () => {
  let all: Barn;
  beforeAll(async () => {
    all = await createBarn();
  }, LONG);
  afterAll(() => all.close(), LONG);

  const rowOf = async (name: string) =>
    (await all.world.db.query('select * from engines where name = $1', [name])).rows[0];
  const stateOf = (app: string, state: 'running') => all.world.reaches(all.ada, app, state);

  describe('is added', () => {
    test('by nobody but an administrator', async () => {
      const { world } = all;
      const params = { engine: 'barn' };
      const asked = [
        world.call(user(), contract.listEngines, {}),
        world.call(user(), contract.getEngine, { params: { engine: 'local' } }),
        world.call(user(), contract.putEngine, {
          params,
          body: { url: 'https://barn', ca: 'x', certificate: 'x', key: 'x', replaced: false },
        }),
        world.call(user(), contract.shareEngine, {
          params,
          body: { projects: [], everyone: true },
        }),
        world.call(user(), contract.removeEngine, { params }),
      ];
      for (const each of await Promise.allSettled(asked)) {
        expect(each).toMatchObject({ reason: { code: 'forbidden' } });
      }
    });

    test('once it was met; the same again changes nothing', async () => {
      const { barn, address, put } = all;
      const added = await put('barn', { addresses: [address] });
      const before = await rowOf('barn');

      expect(added).toMatchObject({
        ...{ name: 'barn', url: barn.url, state: 'reachable', apps: 0 },
        ...{ addresses: [address], version: expect.any(String) },
      });
      expect(await put('barn')).toEqual(added);
      expect(await rowOf('barn')).toEqual(before);
    });

    test('with a key that is sealed and never told', async () => {
      const { key } = await rowOf('barn');
      const { engines } = await all.world.call(all.ada, contract.listEngines, {});
      const [, line = ''] = all.client.key.split('\n');

      expect(key.toString('latin1')).not.toContain(line);
      expect(JSON.stringify(engines)).not.toContain(line);
      expect(engines.map(({ name }) => name)).toEqual(['local', 'barn']);
    });

    test('once, whatever it is called', async () => {
      await expect(all.put('shed')).rejects.toMatchObject({
        code: 'engine-known',
        message: expect.stringContaining('"barn"'),
      });
    });

    test('not with a certificate that it does not take', async () => {
      const stranger = await (await createAuthority()).issue({ for: 'client' });

      await expect(all.put('shed', stranger)).rejects.toMatchObject({
        code: 'engine-unusable',
        members: { why: 'refused' },
      });
    });

    test('never in place of the local one, which also stays', async () => {
      const params = { engine: 'local' };
      const wrong = { code: 'invalid-request' };

      await expect(all.put('local')).rejects.toMatchObject(wrong);
      await expect(all.put('default')).rejects.toMatchObject(wrong);
      await expect(
        all.world.call(all.ada, contract.removeEngine, { params }),
      ).rejects.toMatchObject(wrong);
    });
  });

  test(
    'runs apps beside those of others: the same port, and data of their own',
    async () => {
      const { world, ada, barn, run, deploy } = all;
      await Promise.all([deploy('here'), deploy('there', { engine: 'barn' })]);

      expect(await stateOf('here', 'running')).toMatchObject({ engine: 'local' });
      expect(await stateOf('there', 'running')).toMatchObject({ engine: 'barn' });
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

  test('is open to administrators, and to those it is shared with', async () => {
    const { world, ada } = all;
    const bob = { ...user(), projectName: 'bob' };
    const share = (projects: string[], everyone = false) =>
      world.call(ada, contract.shareEngine, {
        params: { engine: 'barn' },
        body: { projects, everyone },
      });
    const plan = (engine: string) =>
      world.call(bob, planDeployment, { body: { template: 'wiki', parameters: {}, engine } });
    const refusal = {
      code: 'forbidden',
      message: expect.stringContaining('cep engine share barn'),
    };

    expect(await plan('local')).toMatchObject({ steps: expect.any(Array) });
    await expect(plan('barn')).rejects.toMatchObject(refusal);
    await expect(
      world.deploy(bob, { template: 'wiki', name: 'bobs', engine: 'barn' }),
    ).rejects.toMatchObject(refusal);
    expect(await share(['bob'])).toMatchObject({ everyone: false, projects: ['bob'] });
    expect(await plan('barn')).toMatchObject({ steps: expect.any(Array) });
    await share([]);
    await expect(plan('barn')).rejects.toMatchObject(refusal);
    expect(await share([], true)).toMatchObject({ everyone: true });
    expect(await plan('barn')).toMatchObject({ steps: expect.any(Array) });
    await share([]);
  });

  test('keeps its apps: they do not move', async () => {
    const { world, ada } = all;
    const again = (engine?: string) =>
      world.deploy(ada, { template: 'wiki', name: 'there', ...(engine && { engine }) });

    await expect(again('local')).rejects.toMatchObject({
      code: 'engine-fixed',
      message: expect.stringContaining('"barn"'),
    });
    expect((await again()).app.engine).toBe('barn');
    await expect(again('shed')).rejects.toMatchObject({ code: 'not-found' });
  });

  test(
    'binds apps to the address that its machine has on their network',
    async () => {
      const { world, ada, barn, address, deploy, destroy } = all;
      const networkId = randomUUID();
      await world.db.query(
        `insert into networks (id, project_id, name, cidr) values ($1, $2, 'home', '198.18.0.0/16')`,
        [networkId, ada.projectId],
      );
      await world.db.query(
        `insert into network_hosts (id, network_id, name, address) values ($1, $2, 'barn', $3)`,
        [randomUUID(), networkId, address],
      );

      await deploy('open', { network: 'home', engine: 'barn' });

      const [container] = (await barn.docker.listContainers()).filter(({ Names }) =>
        Names[0]?.includes('open'),
      );
      expect(container?.Ports.map(({ IP }) => IP)).toEqual([address]);
      await expect(
        world.deploy(ada, { template: 'wiki', name: 'x', network: 'home', engine: 'local' }),
      ).rejects.toMatchObject({ code: 'not-connected' });
      await destroy('open', true);
    },
    LONG,
  );

  test(
    'is removed when neither apps nor their data are on it',
    async () => {
      const { world, ada, barn, show, deploy, destroy } = all;
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
      expect(await stateOf('there', 'running')).toMatchObject({ engine: 'barn' });
      await destroy('there', true);

      await remove();

      await expect(show('barn')).rejects.toMatchObject({ code: 'not-found' });
      await expect(remove()).rejects.toMatchObject({ code: 'not-found' });
      expect(await barn.docker.listContainers({ all: true })).toEqual([]);
    },
    LONG,
  );
});
