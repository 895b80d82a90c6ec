import * as contract from '@cep/contracts/hosts';
import { createNetwork, listLighthouses } from '@cep/contracts/networks';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createWorld, lighthouse, machine, ordinary, user, type World } from '../world.fixture.ts';

const alice = user('alice');
const mallory = user('mallory');
const LOCK = 'select from networks for update';

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

  const create = (body: object, as = alice) =>
    world.call(as, contract.createHost, { params: { network: 'home' }, body: body as never });
  const list = async (as = alice) =>
    (await world.call(as, contract.listHosts, { params: { network: 'home' } })).hosts;
  const show = (host: string, as = alice) =>
    world.call(as, contract.getHost, { params: { network: 'home', host } });
  const remove = (host: string, as = alice) =>
    world.call(as, contract.deleteHost, { params: { network: 'home', host } });
  const edit = (host: string, body: object, as = alice) =>
    world.call(as, contract.editHost, { params: { network: 'home', host }, body });
  const revoke = (host: string, as = alice) =>
    world.call(as, contract.revokeHost, { params: { network: 'home', host } });
  const revokedFingerprints = async () =>
    (
      await world.db.query('select fingerprint from certificates where revoked_at is not null')
    ).rows.map(({ fingerprint }) => fingerprint);
  const enrol = (host: string, code: string) =>
    world.call(alice, contract.enrolHost, {
      params: { network: 'home', host },
      body: { code, ...machine().sent },
    });

  describe('createHost', () => {
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
      expect(await list()).toEqual([cloud.host, laptop.host]);
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
  });

  describe('deleteHost', () => {
    test('frees the address of a host that never enrolled, and says so', async () => {
      await create(lighthouse('cloud'));
      const { host } = await create(ordinary('laptop'));
      await remove('laptop');

      await expect(show('laptop')).rejects.toMatchObject({ code: 'not-found' });
      expect((await world.events()).at(-1)).toEqual({
        name: 'network.host.deleted',
        data: { hostId: host.id, networkId: expect.any(String) },
      });
      expect((await create(ordinary('phone'))).host.address).toBe(host.address);
    });

    test('revokes the certificate, and gives its address to nobody while it would be valid', async () => {
      await create(lighthouse('cloud'));
      const { host, enrolment } = await create(ordinary('laptop'));
      await enrol('laptop', enrolment.code);
      const { certificate } = await show('laptop');
      await remove('laptop');

      const { rows } = await world.db.query(
        'select fingerprint from certificates where revoked_at is not null',
      );
      expect(rows).toEqual([{ fingerprint: certificate?.fingerprint }]);
      expect((await create(ordinary('phone'))).host.address).toBe('10.42.0.3');
      await world.db.query('update certificates set not_after = now()');
      expect((await create(ordinary('tablet'))).host.address).toBe(host.address);
    });

    test('keeps the last lighthouse for as long as there are others', async () => {
      await create(lighthouse('cloud'));
      await create(ordinary('laptop'));

      await expect(remove('cloud')).rejects.toMatchObject({ code: 'lighthouse-needed' });
      await create(lighthouse('tower', '203.0.113.8'));
      await remove('cloud');
      await expect(remove('tower')).rejects.toMatchObject({ code: 'lighthouse-needed' });
      await remove('laptop');
      await remove('tower');
      expect(await list()).toEqual([]);
    });

    test('two lighthouses cannot both go at once while there are others', async () => {
      await create(lighthouse('cloud'));
      await create(lighthouse('tower', '203.0.113.8'));
      await create(ordinary('laptop'));
      await world.race(LOCK, [() => remove('cloud'), () => remove('tower')]);

      expect((await list()).filter((host) => host.lighthouse)).toHaveLength(1);
    });
  });

  describe('revokeHost', () => {
    test('revokes every certificate, and the host is a dead name until it is deleted', async () => {
      await create(lighthouse('cloud'));
      const { enrolment } = await create(ordinary('laptop'));
      await enrol('laptop', enrolment.code);
      const { fingerprint } = (await show('laptop')).certificate ?? {};

      expect(await revoke('laptop')).toMatchObject({ state: 'revoked', certificate: null });
      expect(await revokedFingerprints()).toEqual([fingerprint]);
      expect((await world.events()).at(-1)).toMatchObject({ name: 'network.host.revoked' });
      const params = { network: 'home', host: 'laptop' };
      for (const attempt of [
        () => world.call(alice, contract.createEnrolment, { params }),
        () => edit('laptop', { groups: ['family'] }),
      ]) {
        await expect(attempt()).rejects.toMatchObject({ code: 'host-revoked' });
      }
      await expect(create(ordinary('laptop'))).rejects.toMatchObject({ code: 'name-taken' });
      expect(await revoke('laptop')).toMatchObject({ state: 'revoked' });
      await remove('laptop');
      await create(ordinary('laptop'));
    });

    test('a code that was given before is worth nothing', async () => {
      await create(lighthouse('cloud'));
      const { enrolment } = await create(ordinary('laptop'));
      await revoke('laptop');

      await expect(enrol('laptop', enrolment.code)).rejects.toMatchObject({
        code: 'enrolment-refused',
      });
      expect((await show('laptop')).state).toBe('revoked');
    });

    test('an enrolment at the same time either fails or is revoked with the host', async () => {
      await create(lighthouse('cloud'));
      const { enrolment } = await create(ordinary('laptop'));
      await world.race<unknown>(LOCK, [
        () => enrol('laptop', enrolment.code),
        () => revoke('laptop'),
      ]);

      expect(await show('laptop')).toMatchObject({ state: 'revoked', certificate: null });
    });

    test('the last lighthouse stays, a revoked one counts for nothing', async () => {
      await create(lighthouse('cloud'));
      await create(lighthouse('tower', '203.0.113.8'));
      await create(ordinary('laptop'));
      await revoke('tower');

      await expect(revoke('cloud')).rejects.toMatchObject({ code: 'lighthouse-needed' });
      const { lighthouses } = await world.call(alice, listLighthouses, {
        params: { network: 'home' },
      });
      expect(lighthouses.map(({ name }) => name)).toEqual(['cloud']);
    });
  });

  describe('editHost', () => {
    test('takes groups away by a new certificate and the end of those before', async () => {
      await create(lighthouse('cloud'));
      const { enrolment } = await create({ ...ordinary('laptop'), groups: ['admin', 'family'] });
      await enrol('laptop', enrolment.code);
      const { fingerprint } = (await show('laptop')).certificate ?? {};

      const host = await edit('laptop', { groups: ['family'] });

      expect(host.groups).toEqual(['family']);
      expect(host.certificate?.fingerprint).not.toBe(fingerprint);
      expect(await revokedFingerprints()).toEqual([fingerprint]);
      expect((await world.events()).at(-1)).toEqual({
        name: 'network.host.updated',
        data: { hostId: host.id, networkId: expect.any(String), groups: ['family'] },
      });
    });

    test('gives groups without the end of any certificate', async () => {
      await create(lighthouse('cloud'));
      const { enrolment } = await create(ordinary('laptop'));
      await enrol('laptop', enrolment.code);
      const { fingerprint } = (await show('laptop')).certificate ?? {};
      const host = await edit('laptop', { groups: ['admin'] });

      expect(host.certificate?.fingerprint).not.toBe(fingerprint);
      expect(await revokedFingerprints()).toEqual([]);
    });

    test('never brings back a certificate that was revoked', async () => {
      await create(lighthouse('cloud'));
      const { enrolment } = await create({ ...ordinary('laptop'), groups: ['admin'] });
      await enrol('laptop', enrolment.code);
      await edit('laptop', { groups: [] });
      const { certificate } = await edit('laptop', { groups: ['admin'] });

      expect(await revokedFingerprints()).not.toContain(certificate?.fingerprint);
      expect(await revokedFingerprints()).toHaveLength(1);
    });

    test('makes lighthouses and relays, and unmakes all but the last lighthouse', async () => {
      await create(lighthouse('cloud'));
      await create(ordinary('tower'));
      const publicAddress = '203.0.113.8';
      const tower = await edit('tower', { lighthouse: true, relay: true, publicAddress });

      expect(tower).toMatchObject({ lighthouse: true, relay: true, publicAddress, port: 4242 });
      expect(await edit('cloud', { lighthouse: false })).toMatchObject({
        ...{ lighthouse: false, publicAddress: null, port: 4242 },
      });
      await expect(edit('tower', { lighthouse: false })).rejects.toMatchObject({
        code: 'lighthouse-needed',
      });
      await expect(edit('cloud', { lighthouse: true })).rejects.toMatchObject({
        code: 'wrong-public-address',
      });
    });

    test('changes nothing and says nothing when everything is as it was', async () => {
      await create({ ...lighthouse('cloud'), groups: ['a', 'b'] });
      const before = await show('cloud');
      const events = await world.events();
      const same = { groups: ['b', 'a'], port: 4242, publicAddress: '203.0.113.7' };

      expect((await edit('cloud', same)).bundleVersion).toBe(before.bundleVersion);
      expect(await world.events()).toEqual(events);
    });
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
    const params = { network: 'home', host: 'cloud' };

    for (const attempt of [
      () => create(ordinary('spy'), mallory),
      () => list(mallory),
      () => show('cloud', mallory),
      () => remove('cloud', mallory),
      () => revoke('cloud', mallory),
      () => edit('cloud', { groups: [] }, mallory),
      () => world.call(mallory, contract.createEnrolment, { params }),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: 'not-found' });
    }
    expect(await list()).toHaveLength(1);
  });

  test('an unknown host is not found', async () => {
    const params = { network: 'home', host: 'nobody' };

    for (const attempt of [
      () => show('nobody'),
      () => remove('nobody'),
      () => world.call(alice, contract.createEnrolment, { params }),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: 'not-found' });
    }
  });
});
