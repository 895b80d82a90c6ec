import { createNetwork } from '@cep/contracts/networks';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createWorld, lighthouse, ordinary, type World } from '../world.fixture.ts';
import { alice, hostsOf } from './hosts.fixture.ts';

requires('postgres')('the change of hosts', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
  });
  beforeEach(async () => {
    await world.clear();
    await world.call(alice, createNetwork, { body: { name: 'home', cidr: '10.42.0.0/28' } });
  });
  afterAll(() => world.stop());

  const { create, show, edit, enrol, revokedFingerprints } = hostsOf(() => world);

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
