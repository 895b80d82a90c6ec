import { randomUUID } from 'node:crypto';
import type { Bundle } from '@cep/contracts/bundle';
import * as hosts from '@cep/contracts/hosts';
import { getNetwork } from '@cep/contracts/networks';
import * as contract from '@cep/contracts/records';
import type { Tx } from '@cep/database/transaction';
import { transaction } from '@cep/database/transaction';
import { unpackNames } from '@cep/dns/network-names';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createWorld, ordinary, user, type World } from '../world.fixture.ts';
import { appNames } from './subscriptions.ts';

const alice = user('alice');
const mallory = user('mallory');
const params = { network: 'home' };

requires('postgres')('names of a network', () => {
  let world: World;
  let cloud: { host: hosts.Host; enrolment: hosts.Enrolment };
  beforeAll(async () => {
    world = await createWorld();
  });
  beforeEach(async () => {
    await world.clear();
    const [first] = await world.network(alice, 'home', 'cloud', 'laptop');
    if (!first) throw new Error('no host');
    cloud = first;
  });
  afterAll(() => world.stop());

  const add = (name: string, type: contract.RecordType, value: string, ttl = 60) =>
    world.call(alice, contract.addRecord, { params, body: { name, type, value, ttl } });
  const remove = (record: string, query: { type?: contract.RecordType; value?: string } = {}) =>
    world.call(alice, contract.removeRecord, { params: { network: 'home', record }, query });
  const list = async () => {
    const { records } = await world.call(alice, contract.listRecords, { params });
    return records.map(({ name, type, value, from }) => `${name} ${type} ${value} ${from}`);
  };
  const create = (name: string) =>
    world.call(alice, hosts.createHost, { params, body: ordinary(name) });
  const change = async (host: string) =>
    (await world.call(alice, hosts.getHost, { params: { network: 'home', host } })).bundleVersion;
  const addressOf = ({ host }: { host: hosts.Host }) => host.address;

  /** As the apps service states it, `seconds` after the beginning. */
  const app = async (appId: string, name: string, seconds: number, is = true) => {
    const { id: networkId } = await world.call(alice, getNetwork, { params });
    const at = new Date(seconds * 1000).toISOString();
    const data = { appId, projectId: alice.projectId, networkId, name, address: '10.9.9.9', at };
    const [running, destroyed] = appNames;
    await transaction(world.db, (tx: Tx) => (is ? running : destroyed)?.handle(tx, data) as never);
  };
  const named = async () =>
    (await world.events())
      .filter(({ name }) => name === contract.AppNamed.name)
      .map(({ data }) => [data.name, data.takenBy]);

  test('hosts have theirs from the beginning to the end, and every bundle says them', async () => {
    const { bundle, open } = await world.enrol('home', cloud.host, cloud.enrolment.code);
    const before = await change('cloud');

    const [third] = [await create('printer')];
    await world.call(alice, hosts.deleteHost, { params: { ...params, host: 'laptop' } });

    expect(await list()).toEqual([
      `cloud A ${addressOf(cloud)} host`,
      `printer A ${addressOf(third)} host`,
    ]);
    expect(namesOf(bundle).addresses.map(({ name }) => name)).toEqual(['cloud', 'laptop']);
    expect(await change('cloud')).toBeGreaterThan(before);
    expect(open).toBeDefined();
  });

  test('a revoked host has none, and keeps it from others', async () => {
    await world.call(alice, hosts.revokeHost, { params: { ...params, host: 'laptop' } });

    expect(await list()).toEqual([`cloud A ${addressOf(cloud)} host`]);
    await expect(add('laptop', 'A', '192.0.2.1')).rejects.toMatchObject({ code: 'name-taken' });
  });

  test('records are added, changed, listed and removed, and said', async () => {
    await add('printer', 'A', '192.168.1.20');
    await add('printer', 'A', '192.168.1.21');
    await add('printer', 'AAAA', 'FD00:0::7');
    await add('printer', 'AAAA', 'fd00::7', 300);
    await add('*.wiki', 'CNAME', 'cloud.home.');
    await add('@', 'TXT', 'kept by "Ada" – ✓');
    await add('laptop', 'TXT', 'on loan');

    expect((await list()).filter((line) => !line.endsWith(' host'))).toEqual([
      '*.wiki CNAME cloud.home record',
      '@ TXT kept by "Ada" – ✓ record',
      'laptop TXT on loan record',
      'printer A 192.168.1.20 record',
      'printer A 192.168.1.21 record',
      'printer AAAA fd00::7 record',
    ]);
    const { removed } = await remove('printer', { type: 'A', value: '192.168.1.20' });
    expect(removed).toMatchObject([{ type: 'A', value: '192.168.1.20', from: 'record' }]);
    expect((await remove('printer')).removed).toHaveLength(2);
    await expect(remove('printer')).rejects.toMatchObject({ code: 'not-found' });
    const events = (await world.events()).map(({ name }) => name);
    expect(events.filter((name) => name === 'network.record.added')).toHaveLength(7);
    expect(events.filter((name) => name === 'network.record.removed')).toHaveLength(3);
  });

  test.each<[string, contract.RecordType, string, string]>([
    ['web', 'A', '192.0.2.256', 'invalid-request'],
    ['web', 'A', 'fd00::1', 'invalid-request'],
    ['web', 'AAAA', '192.0.2.1', 'invalid-request'],
    ['web', 'AAAA', 'fe80::1%eth0', 'invalid-request'],
    ['web', 'CNAME', 'example.org', 'invalid-request'],
    ['web', 'CNAME', 'web.home', 'invalid-request'],
    ['@', 'CNAME', 'cloud.home', 'invalid-request'],
    ['UPPER', 'A', '192.0.2.1', 'invalid-request'],
    ['a..b', 'A', '192.0.2.1', 'invalid-request'],
    ['cloud', 'A', '192.0.2.1', 'name-taken'],
    ['cloud', 'CNAME', 'laptop.home', 'name-taken'],
  ])('%s %s %s is refused: %s', async (name, type, value, code) => {
    const before = await list();

    await expect(add(name, type, value)).rejects.toMatchObject({ code });

    expect(await list()).toEqual(before);
  });

  test('an alias has nothing beside it', async () => {
    await add('www', 'CNAME', 'cloud.home');

    await expect(add('www', 'A', '192.0.2.1')).rejects.toMatchObject({ code: 'invalid-request' });
    await expect(add('www', 'CNAME', 'laptop.home')).rejects.toMatchObject({
      code: 'invalid-request',
    });
  });

  test('there are at most 1000', async () => {
    await world.db.query(`
      insert into records (network_id, name, type, value, ttl)
      select id, 'r' || n, 'A', '192.0.2.1', 60 from networks, generate_series(1, 1000) n`);

    await expect(add('more', 'A', '192.0.2.1')).rejects.toMatchObject({ code: 'too-many-records' });
    expect((await remove('r1')).removed).toHaveLength(1);
    await add('more', 'A', '192.0.2.1');
  });

  test('of a host and a record of one name, made at once, one is refused', async () => {
    const outcomes = await world.race('select from networks for update', [
      () => create('web').then(() => 'host'),
      () => add('web', 'A', '192.0.2.1').then(() => 'record'),
    ]);

    const refused = outcomes.filter(({ status }) => status === 'rejected');
    expect(refused).toMatchObject([{ reason: { code: 'name-taken' } }]);
  });

  test('others see and change nothing of it', async () => {
    await add('printer', 'A', '192.168.1.20');

    const asked = [
      () => world.call(mallory, contract.listRecords, { params }),
      () =>
        world.call(mallory, contract.addRecord, {
          params,
          body: { name: 'x', type: 'A', value: '192.0.2.1', ttl: 60 },
        }),
      () =>
        world.call(mallory, contract.removeRecord, {
          params: { network: 'home', record: 'printer' },
          query: {},
        }),
    ];

    for (const ask of asked) await expect(ask()).rejects.toMatchObject({ code: 'not-found' });
  });

  describe('apps', () => {
    const [one, two] = [randomUUID(), randomUUID()];

    test('have their name while they run; their hosts and records of that name are refused', async () => {
      await app(one, 'wiki', 1);

      expect(await list()).toContain('wiki A 10.9.9.9 app');
      await expect(create('wiki')).rejects.toMatchObject({
        code: 'name-taken',
        message: expect.stringContaining('wiki.home'),
      });
      await expect(add('wiki', 'A', '192.0.2.1')).rejects.toMatchObject({ code: 'name-taken' });
      await app(one, 'wiki', 2, false);
      expect(await list()).toHaveLength(2);
      await create('wiki');
      expect(await named()).toEqual([['wiki.home', null]]);
    });

    test('that come second wait until the name is free', async () => {
      await add('wiki', 'A', '192.0.2.1');
      await app(one, 'wiki', 1);
      await app(two, 'laptop', 1);

      await remove('wiki');
      await world.call(alice, hosts.deleteHost, { params: { ...params, host: 'laptop' } });

      expect(await named()).toEqual([
        ['wiki.home', 'record'],
        ['laptop.home', 'host'],
        ['wiki.home', null],
        ['laptop.home', null],
      ]);
      expect(await list()).toEqual([
        `cloud A ${addressOf(cloud)} host`,
        'laptop A 10.9.9.9 app',
        'wiki A 10.9.9.9 app',
      ]);
    });

    test('are what was stated last, in whatever order that comes', async () => {
      await app(one, 'wiki', 4, false);
      await app(one, 'wiki', 3);
      expect(await list()).toHaveLength(2);

      await app(one, 'wiki', 5);
      await app(one, 'wiki', 4, false);
      await app(one, 'wiki', 5);

      expect(await list()).toContain('wiki A 10.9.9.9 app');
    });
  });
});

const namesOf = ({ names = '' }: Bundle) => unpackNames(names);
