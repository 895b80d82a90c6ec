import * as contract from '@cep/contracts/networks';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createWorld, stranger, user, type World } from '../world.fixture.ts';

const alice = user('alice');
const mallory = user('mallory');
const LOCK = 'lock table networks in share mode';

requires('postgres')('networks', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
  });
  beforeEach(() => world.clear());
  afterAll(() => world.stop());

  const create = (name: string, cidr?: string, as = alice) =>
    world.call(as, contract.createNetwork, { body: { name, ...(cidr && { cidr }) } });
  const list = async (as = alice) =>
    (await world.call(as, contract.listNetworks, {})).networks.map(({ name }) => name);
  const show = (network: string, as = alice) =>
    world.call(as, contract.getNetwork, { params: { network } });
  const remove = (network: string, force = false, as = alice) =>
    world.call(as, contract.deleteNetwork, { params: { network }, query: { force } });
  const codes = (outcomes: PromiseSettledResult<unknown>[]) =>
    outcomes
      .map((each): string => (each.status === 'fulfilled' ? 'made' : each.reason.code))
      .toSorted((a, b) => a.localeCompare(b));
  const counts = async () => {
    const { rows } = await world.db.query(`select (select count(*) from networks) as networks,
      (select count(*) from authorities) as authorities,
      (select count(*) from bundle_keys) as keys, (select count(*) from outbox) as events`);
    return rows[0];
  };

  describe('createNetwork', () => {
    test('makes a network in a free range with an authority of its own, and says so', async () => {
      const home = await create('home');

      expect(home).toMatchObject({ name: 'home', hosts: 0 });
      expect(home.cidr).toMatch(/^10\.\d+\.0\.0\/16$/);
      expect(home.authority.fingerprint).toMatch(/^[0-9a-f]{64}$/);
      expect(await show('home')).toEqual(home);
      expect(await list()).toEqual(['home']);
      expect(await world.events()).toEqual([
        {
          name: 'network.network.created',
          data: { networkId: home.id, projectId: alice.projectId, name: 'home', cidr: home.cidr },
        },
      ]);
    });

    test('refuses a taken name, also of another project, and leaves no trace', async () => {
      await create('home', '10.42.0.0/16');

      await expect(create('home', '10.42.0.0/16')).rejects.toMatchObject({ code: 'name-taken' });
      await expect(create('home', undefined, mallory)).rejects.toMatchObject({
        code: 'name-taken',
        message: expect.not.stringContaining('10.42'),
      });
      expect(await counts()).toEqual({ networks: '1', authorities: '1', keys: '1', events: '1' });
    });

    test('refuses a range that overlaps, and names the other network to its own project only', async () => {
      await create('home', '10.42.0.0/16');

      for (const cidr of ['10.42.0.0/16', '10.0.0.0/8', '10.42.7.0/24']) {
        await expect(create('lab', cidr)).rejects.toMatchObject({
          code: 'range-overlaps',
          message: expect.stringMatching(/body\/cidr .* "home"/),
        });
        await expect(create('lab', cidr, mallory)).rejects.toMatchObject({
          code: 'range-overlaps',
          message: expect.not.stringContaining('home'),
        });
      }
      expect(await counts()).toEqual({ networks: '1', authorities: '1', keys: '1', events: '1' });
    });

    test.each([
      [{ name: 'Home' }, 'body/name'],
      [{ name: 'my_home' }, 'body/name'],
      [{ name: '-home' }, 'body/name'],
      [{ name: 'a'.repeat(64) }, 'body/name'],
      [{ name: 'a.b' }, 'body/name'],
      [{ name: '' }, 'body/name'],
      [{ nmae: 'home' }, '"nmae"'],
      [{ name: 'home', colour: 'red' }, '"colour"'],
      [{ name: 'home', cidr: '10.42.0.0' }, 'body/cidr'],
      [{ name: 'home', cidr: '10.42.0.0/30' }, 'body/cidr'],
      [{ name: 'home', cidr: '10.42.0.1/16' }, 'body/cidr'],
      [{ name: 'home', cidr: '203.0.113.0/24' }, 'body/cidr'],
      [{ name: 'home', cidr: '999.0.0.0/16' }, 'body/cidr'],
      [{ name: 'home', cidr: 'fd00::/64' }, 'body/cidr'],
      [{ name: 'home', cidr: 16 }, 'body/cidr'],
    ])('refuses %j, naming %s', async (body, member) => {
      const input = { body } as { body: { name: string } };

      await expect(world.call(alice, contract.createNetwork, input)).rejects.toMatchObject({
        code: 'invalid-request',
        message: expect.stringContaining(member),
      });
      expect(await counts()).toMatchObject({ networks: '0', events: '0' });
    });

    test('of several that want one name at once, one is made', async () => {
      const outcomes = await world.race(
        LOCK,
        [alice, mallory, alice, mallory].map((who) => () => create('home', undefined, who)),
      );

      expect(codes(outcomes)).toEqual(['made', 'name-taken', 'name-taken', 'name-taken']);
      expect(await counts()).toEqual({ networks: '1', authorities: '1', keys: '1', events: '1' });
    });

    test('of several that want one range at once, one is made', async () => {
      const ranges = ['10.0.0.0/8', '10.42.0.0/16', '10.42.0.0/24', '10.42.0.0/28'];
      const outcomes = await world.race(
        LOCK,
        ranges.map((cidr, index) => () => create(`net-${index}`, cidr)),
      );

      expect(codes(outcomes)).toEqual([
        'made',
        'range-overlaps',
        'range-overlaps',
        'range-overlaps',
      ]);
      expect(await counts()).toEqual({ networks: '1', authorities: '1', keys: '1', events: '1' });
    });

    test('those that ask for no range at once get different ones, though few are left', async () => {
      const big = ['10.0.0.0/9', '10.128.0.0/10', '10.192.0.0/11', '10.224.0.0/12'];
      for (const [n, cidr] of big.entries()) await create(`big-${n}`, cidr);
      await world.race(
        LOCK,
        Array.from({ length: 16 }, (_, n) => () => create(`net-${n}`)),
      );

      expect(await list()).toHaveLength(20);
      await expect(create('last')).rejects.toMatchObject({ code: 'range-overlaps' });
    });
  });

  describe('deleteNetwork', () => {
    test('takes an empty network with its authority, and says so', async () => {
      const home = await create('home');
      await remove('home');

      expect(await counts()).toEqual({ networks: '0', authorities: '0', keys: '0', events: '2' });
      expect((await world.events())[1]).toEqual({
        name: 'network.network.deleted',
        data: { networkId: home.id },
      });
      await expect(show('home')).rejects.toMatchObject({ code: 'not-found' });
      await expect(remove('home')).rejects.toMatchObject({ code: 'not-found' });
    });

    test('refuses one that has hosts, and with force takes them too, each with its event', async () => {
      const made = await world.network(alice, 'home', 'cloud', 'laptop');

      await expect(remove('home')).rejects.toMatchObject({
        code: 'network-in-use',
        message: expect.stringContaining('2 hosts'),
      });
      expect(await show('home')).toMatchObject({ hosts: 2 });
      await remove('home', true);

      const events = await world.events();
      expect(events.map(({ name }) => name)).toEqual([
        'network.network.created',
        'network.host.deleted',
        'network.host.deleted',
        'network.network.deleted',
      ]);
      expect(new Set(events.slice(1, 3).map(({ data }) => data.hostId))).toEqual(
        new Set(made.map(({ host }) => host.id)),
      );
      expect((await world.db.query('select from hosts')).rowCount).toBe(0);
    });

    test('leaves its name and range to the next', async () => {
      await create('home', '10.42.0.0/16');
      await remove('home');

      expect(await create('home', '10.42.0.0/16', mallory)).toMatchObject({ name: 'home' });
    });
  });

  test('a network is hidden from other projects', async () => {
    await create('home');

    expect(await list(mallory)).toEqual([]);
    for (const attempt of [
      () => show('home', mallory),
      () => remove('home', true, mallory),
      () => world.call(mallory, contract.listLighthouses, { params: { network: 'home' } }),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: 'not-found' });
    }
    expect(await list()).toEqual(['home']);
  });

  test('nobody without a credential sees or makes a network', async () => {
    const attempt = world.call(stranger, contract.createNetwork, { body: { name: 'home' } });

    await expect(attempt).rejects.toMatchObject({ code: 'not-signed-in' });
    await expect(world.call(stranger, contract.listNetworks, {})).rejects.toMatchObject({
      code: 'not-signed-in',
    });
  });
});
