import { createNetwork, listLighthouses } from '@cep/contracts/networks';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { findRevoked } from '../authorities/store.ts';
import { createWorld, lighthouse, ordinary, type World } from '../world.fixture.ts';
import { alice, hostsOf, LOCK } from './hosts.fixture.ts';

requires('postgres')('the end of hosts', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
  });
  beforeEach(async () => {
    await world.clear();
    await world.call(alice, createNetwork, { body: { name: 'home', cidr: '10.42.0.0/28' } });
  });
  afterAll(() => world.stop());

  const { create, list, show, remove, edit, revoke, code, enrol, revokedFingerprints } = hostsOf(
    () => world,
  );

  /** What members are told. */
  async function blocked(): Promise<string[]> {
    const { rows } = await world.db.query<{ id: string }>('select id from networks');
    return findRevoked(world.db, rows[0]?.id ?? '');
  }

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

  test('revokes the certificate, and gives its address to nobody while it may be taken for valid', async () => {
    await create(lighthouse('cloud'));
    const { host, enrolment } = await create(ordinary('laptop'));
    await enrol('laptop', enrolment.code);
    const { certificate } = await show('laptop');
    await remove('laptop');

    expect(await revokedFingerprints()).toEqual([certificate?.fingerprint]);
    expect((await create(ordinary('phone'))).host.address).toBe('10.42.0.3');
    // On a machine whose clock is some hours behind.
    await world.db.query(`update certificates set not_after = now() - interval '20 hours'`);
    expect(await blocked()).toEqual([certificate?.fingerprint]);
    expect((await create(ordinary('printer'))).host.address).toBe('10.42.0.4');
    await world.db.query(`update certificates set not_after = now() - interval '1 day'`);
    expect(await blocked()).toEqual([]);
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

  test('revokes every certificate, and the host is a dead name until it is deleted', async () => {
    await create(lighthouse('cloud'));
    const { enrolment } = await create(ordinary('laptop'));
    await enrol('laptop', enrolment.code);
    const { fingerprint } = (await show('laptop')).certificate ?? {};

    expect(await revoke('laptop')).toMatchObject({ state: 'revoked', certificate: null });
    expect(await revokedFingerprints()).toEqual([fingerprint]);
    expect((await world.events()).at(-1)).toMatchObject({ name: 'network.host.revoked' });
    for (const attempt of [() => code('laptop'), () => edit('laptop', { groups: ['family'] })]) {
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
