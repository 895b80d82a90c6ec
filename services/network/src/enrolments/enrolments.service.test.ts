import * as contract from '@cep/contracts/hosts';
import { createNetwork } from '@cep/contracts/networks';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  createWorld,
  lighthouse,
  machine,
  openBundle,
  ordinary,
  stranger,
  user,
  type World,
} from '../world.fixture.ts';
import { newCode } from './codes.ts';

const alice = user('alice');

requires('postgres')('enrolment', () => {
  let world: World;
  let code: string;
  beforeAll(async () => {
    world = await createWorld();
  });
  beforeEach(async () => {
    await world.clear();
    await world.call(alice, createNetwork, { body: { name: 'home', cidr: '10.42.0.0/16' } });
    const params = { network: 'home' };
    await world.call(alice, contract.createHost, { params, body: lighthouse('cloud') });
    const body = { ...ordinary('laptop'), groups: ['family'] };
    code = (await world.call(alice, contract.createHost, { params, body })).enrolment.code;
  });
  afterAll(() => world.stop());

  const params = { network: 'home', host: 'laptop' };
  const enrol = (keys = machine().sent, tried = code, at = params) =>
    world.call(stranger, contract.enrolHost, { params: at, body: { code: tried, ...keys } });
  const newEnrolment = () => world.call(alice, contract.createEnrolment, { params });
  const show = () => world.call(alice, contract.getHost, { params });
  const certificates = async () =>
    (await world.db.query('select fingerprint, revoked_at from certificates order by issued_at'))
      .rows;
  const enrolledEvents = async () =>
    (await world.events()).filter(({ name }) => name === 'network.host.enrolled');
  const refused = expect.objectContaining({ code: 'enrolment-refused' });

  test('gives a signed bundle for a code and keys, to somebody without a credential', async () => {
    const reply = await enrol();
    const bundle = await openBundle(reply);
    const host = await show();

    expect(bundle).toMatchObject({
      version: 3,
      network: { name: 'home', cidr: '10.42.0.0/16' },
      host: { id: host.id, name: 'laptop', address: '10.42.0.2/16', lighthouse: false, port: null },
      blocklist: [],
      lighthouses: [{ address: '10.42.0.1', endpoints: ['203.0.113.7:4242'] }],
      inbound: [{ port: 'any', protocol: 'any', from: { any: true } }],
    });
    expect(host).toMatchObject({ state: 'enrolled', groups: ['family'] });
    const days = (Date.parse(host.certificate?.expiresAt ?? '') - Date.now()) / 86_400_000;
    expect(days).toBeCloseTo(90, 1);
    expect(await enrolledEvents()).toEqual([
      {
        name: 'network.host.enrolled',
        data: expect.objectContaining({ hostId: host.id, name: 'laptop', address: '10.42.0.2' }),
      },
    ]);
  });

  test('refuses alike whatever is wrong', async () => {
    const past = 'update enrolments set expires_at = now()';
    const attempts = [
      () => enrol(machine().sent, newCode()),
      () => enrol(machine().sent, 'x'),
      () => enrol(machine().sent, code, { network: 'home', host: 'cloud' }),
      () => enrol(machine().sent, code, { network: 'home', host: 'nobody' }),
      () => enrol(machine().sent, code, { network: 'nowhere', host: 'laptop' }),
      () => world.db.query(past).then(() => enrol()),
    ];
    const documents = [];
    for (const attempt of attempts) {
      const problem = await attempt().catch((thrown) => thrown.toJSON());
      documents.push({ ...problem, instance: undefined });
    }

    expect(documents[0]).toMatchObject({ type: 'urn:cep:problem:enrolment-refused', status: 403 });
    expect(new Set(documents.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(await show()).toMatchObject({ state: 'reserved', certificate: null });
    expect(await certificates()).toEqual([]);
  });

  test('gives the machine that lost the reply the same certificate again, and nobody else', async () => {
    const keys = machine().sent;
    const first = await openBundle(await enrol(keys));
    const again = await openBundle(await enrol(keys));

    expect(again.certificate).toBe(first.certificate);
    expect(again.version).toBe(first.version);
    await expect(enrol()).rejects.toEqual(refused);
    expect(await certificates()).toHaveLength(1);
    expect(await enrolledEvents()).toHaveLength(1);
    await world.db.query('update enrolments set expires_at = now()');
    await expect(enrol(keys)).rejects.toEqual(refused);
  });

  test('a new code replaces the one before', async () => {
    const enrolment = await newEnrolment();

    await expect(enrol()).rejects.toEqual(refused);
    expect(await enrol(undefined, enrolment.code.toLowerCase().replaceAll('-', ' '))).toBeDefined();
  });

  test('another machine takes the host over with a new code, and the first is revoked', async () => {
    await enrol();
    const before = (await show()).certificate?.fingerprint;
    const bundle = await openBundle(await enrol(undefined, (await newEnrolment()).code));
    const after = (await show()).certificate?.fingerprint;

    expect(after).not.toBe(before);
    expect(bundle).toMatchObject({ version: 4, blocklist: [before] });
  });

  test('the same machine with a new code revokes nothing of its own', async () => {
    const keys = machine().sent;
    await enrol(keys);
    const bundle = await openBundle(await enrol(keys, (await newEnrolment()).code));

    expect(bundle).toMatchObject({ version: 4, blocklist: [] });
    expect(await show()).toMatchObject({ state: 'enrolled' });
  });

  test.each([
    ['all zero', Buffer.alloc(32)],
    [
      'of order eight',
      Buffer.from(`e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800`, 'hex'),
    ],
  ])('refuses a tunnel key with which no secret can be made: %s', async (_, bytes) => {
    const keys = { ...machine().sent, tunnelKey: bytes.toString('base64url') };

    await expect(enrol(keys)).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining('body/tunnelKey'),
    });
    expect(await enrol()).toBeDefined();
  });

  test.each([
    [{ tunnelKey: 'short' }, 'body/tunnelKey'],
    [{ signingKey: `${'A'.repeat(42)}=` }, 'body/signingKey'],
    [{ code: '' }, 'body/code'],
    [{ code: 'x'.repeat(129) }, 'body/code'],
    [{ privateKey: 'A'.repeat(43) }, '"privateKey"'],
  ])('refuses %j, naming %s', async (wrong, member) => {
    const body = { code, ...machine().sent, ...wrong };

    await expect(world.call(stranger, contract.enrolHost, { params, body })).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining(member),
    });
  });

  describe('when it fails in the middle', () => {
    test('nothing has happened, and the same code still works', async () => {
      await world.db.query('alter table outbox rename to elsewhere');
      await expect(enrol()).rejects.toMatchObject({ code: 'internal' });
      await world.db.query('alter table elsewhere rename to outbox');

      expect(await show()).toMatchObject({ state: 'reserved' });
      expect(await certificates()).toEqual([]);
      expect(await enrol()).toBeDefined();
    });
  });
});
