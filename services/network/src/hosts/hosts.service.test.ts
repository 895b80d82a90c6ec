import { createHost } from '@cep/contracts/hosts';
import { createNetwork, listLighthouses } from '@cep/contracts/networks';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createWorld, lighthouse, ordinary, type World } from '../world.fixture.ts';
import { alice, hostsOf, LOCK, mallory } from './hosts.fixture.ts';

requires('postgres')('hosts', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
  });
  beforeEach(async () => {
    await world.clear();
    await world.call(alice, createNetwork, { body: { name: 'home', cidr: '10.42.0.0/28' } });
  });
  afterAll(() => world.stop());

  const { create, list, show, remove, edit, revoke, code } = hostsOf(() => world);

  test('reserves the name and the first addresses, and gives a code', async () => {
    const cloud = await create({ ...lighthouse('cloud', '2001:DB8::7'), port: 443 });
    const laptop = await create({ ...ordinary('laptop'), groups: ['family', 'admin'] });

    expect(cloud.host).toMatchObject({
      address: '10.42.0.1',
      lighthouse: true,
      publicAddress: '2001:db8::7',
      port: 443,
      state: 'reserved',
      certificate: null,
    });
    expect(laptop.host).toMatchObject({
      name: 'laptop',
      network: 'home',
      address: '10.42.0.2',
      lighthouse: false,
      publicAddress: null,
      port: null,
      groups: ['family', 'admin'],
    });
    expect(await list()).toEqual([
      { ...cloud.host, bundleVersion: laptop.host.bundleVersion },
      laptop.host,
    ]);
    expect(await show('laptop')).toEqual(laptop.host);
    const minutes = (Date.parse(laptop.enrolment.expiresAt) - Date.now()) / 60_000;
    expect(minutes).toBeCloseTo(15, 0);
  });

  test('keeps no code that could be read from the database', async () => {
    const { enrolment } = await create(lighthouse('cloud'));
    const { rows } = await world.db.query('select * from enrolments');
    const kept = JSON.stringify(rows).toUpperCase();

    expect(kept).not.toContain(enrolment.code);
    expect(kept).not.toContain(enrolment.code.replaceAll('-', ''));
  });

  test('refuses an ordinary host as the first', async () => {
    await expect(create(ordinary('laptop'))).rejects.toMatchObject({ code: 'lighthouse-needed' });
    expect(await list()).toEqual([]);
  });

  test.each([
    [{ ...ordinary('cloud'), lighthouse: true }, 'body/publicAddress'],
    [lighthouse('cloud', 'cloud.example.org'), 'body/publicAddress'],
    [lighthouse('cloud', '127.0.0.1'), 'body/publicAddress'],
    [lighthouse('cloud', '10.42.0.9'), 'body/publicAddress'],
    [{ ...ordinary('laptop'), publicAddress: '203.0.113.7' }, 'body/publicAddress'],
    [{ ...ordinary('laptop'), interface: false }, 'body/interface'],
  ])('refuses %j, naming %s', async (body, member) => {
    await expect(create(body)).rejects.toMatchObject({
      code: 'wrong-public-address',
      message: expect.stringContaining(member),
    });
    expect(await list()).toEqual([]);
  });

  test.each([
    [{ ...lighthouse('Cloud') }, 'body/name'],
    [{ ...lighthouse('any') }, 'body/name'],
    [{ ...lighthouse('cloud'), groups: ['a b'] }, 'body/groups/0'],
    [{ ...lighthouse('cloud'), groups: ['family', 'any'] }, 'body/groups/1'],
    [{ ...lighthouse('cloud'), groups: ['a', 'a'] }, 'body/groups'],
    [{ ...lighthouse('cloud'), groups: 'a' }, 'body/groups'],
    [{ ...lighthouse('cloud'), port: 0 }, 'body/port'],
    [{ ...lighthouse('cloud'), port: 65536 }, 'body/port'],
    [{ ...lighthouse('cloud'), publicAddress: '1'.repeat(46) }, 'body/publicAddress'],
    [{ ...lighthouse('cloud'), publicIp: '203.0.113.7' }, '"publicIp"'],
  ])('refuses %j, naming %s', async (body, member) => {
    await expect(create(body)).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining(member),
    });
    expect(await list()).toEqual([]);
  });

  test('refuses a taken name, and leaves no trace of the attempt', async () => {
    await create(lighthouse('cloud'));

    await expect(create(lighthouse('cloud'))).rejects.toMatchObject({ code: 'name-taken' });
    expect(await list()).toHaveLength(1);
  });

  test('gives hosts that are made at once different addresses, until the network is full', async () => {
    await create(lighthouse('cloud'));
    const outcomes = await world.race(
      LOCK,
      Array.from({ length: 20 }, (_, n) => () => create(ordinary(`host-${n}`))),
    );

    const full = outcomes.filter((each) => each.status === 'rejected');
    expect(full.map(({ reason }) => reason.code)).toEqual(Array(7).fill('network-full'));
    const addresses = (await list()).map(({ address }) => address);
    expect(new Set(addresses).size).toBe(14);
    expect(addresses).not.toContain('10.42.0.0');
    expect(addresses).not.toContain('10.42.0.15');
  });

  test('gives the address that is asked for, unless it is not to be had', async () => {
    await create({ ...lighthouse('cloud'), address: '10.42.0.14' });
    const { host } = await create({ ...ordinary('laptop'), address: '10.42.0.5' });
    expect(host.address).toBe('10.42.0.5');
    expect((await create(ordinary('phone'))).host.address).toBe('10.42.0.1');

    for (const [address, code] of [
      ['10.42.0.5', 'address-taken'],
      ['10.42.0.14', 'address-taken'],
      ['10.42.0.0', 'invalid-request'],
      ['10.42.0.15', 'invalid-request'],
      ['10.43.0.1', 'invalid-request'],
      ['10.42.0.256', 'invalid-request'],
    ]) {
      await expect(create({ ...ordinary('tablet'), address })).rejects.toMatchObject({ code });
    }
  });

  test('of several that want one address at once, one is made', async () => {
    await create(lighthouse('cloud'));
    const outcomes = await world.race(
      LOCK,
      Array.from(
        { length: 5 },
        (_, n) => () => create({ ...ordinary(`host-${n}`), address: '10.42.0.9' }),
      ),
    );

    expect(outcomes.filter((each) => each.status === 'fulfilled')).toHaveLength(1);
  });

  test('of several that want one name at once, one is made', async () => {
    await create(lighthouse('cloud'));
    const outcomes = await world.race(
      LOCK,
      Array.from({ length: 5 }, () => () => create(ordinary('laptop'))),
    );

    expect(outcomes.filter((each) => each.status === 'fulfilled')).toHaveLength(1);
    expect(await list()).toHaveLength(2);
  });
  test('of several lighthouses at one address each has a port of its own, whichever network it is of', async () => {
    const address = '203.0.113.7';
    await world.call(alice, createNetwork, { body: { name: 'work' } });
    const made = [
      await create(lighthouse('cloud', address)),
      await create({ ...lighthouse('tower', address), port: 4244 }),
      ...(await Promise.all(['a', 'b', 'c'].map((name) => create(lighthouse(name, address))))),
    ];
    const work = await world.call(alice, createHost, {
      params: { network: 'work' },
      body: lighthouse('cloud', address),
    });

    const ports = [...made, work].map(({ host }) => host.port);
    expect(ports.slice(0, 2)).toEqual([4242, 4244]);
    expect(new Set(ports.slice(2, 5))).toEqual(new Set([4243, 4245, 4246]));
    expect(ports[5]).toBe(4247);
    expect((await create(lighthouse('other', '203.0.113.8'))).host.port).toBe(4242);
    await remove('a');
    await create(ordinary('relay'));
    const relay = await edit('relay', { relay: true, publicAddress: address });
    expect(relay.port).toBe(made[2]?.host.port);
  });

  test('lighthouses are listed with where they are reached', async () => {
    await create(lighthouse('cloud'));
    await create({ ...lighthouse('tower', '2001:db8::8'), port: 443 });
    await create(ordinary('laptop'));

    expect(await world.call(alice, listLighthouses, { params: { network: 'home' } })).toEqual({
      lighthouses: [
        { name: 'cloud', address: '10.42.0.1', address6: null, endpoint: '203.0.113.7:4242' },
        { name: 'tower', address: '10.42.0.2', address6: null, endpoint: '[2001:db8::8]:443' },
      ],
    });
  });

  test('the hosts of a network are hidden from other projects', async () => {
    await create(lighthouse('cloud'));

    for (const attempt of [
      () => create(ordinary('spy'), mallory),
      () => list(mallory),
      () => show('cloud', mallory),
      () => remove('cloud', mallory),
      () => revoke('cloud', mallory),
      () => edit('cloud', { groups: [] }, mallory),
      () => code('cloud', mallory),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: 'not-found' });
    }
    expect(await list()).toHaveLength(1);
  });

  test('an unknown host is not found', async () => {
    for (const attempt of [() => show('nobody'), () => remove('nobody'), () => code('nobody')]) {
      await expect(attempt()).rejects.toMatchObject({ code: 'not-found' });
    }
  });
});
