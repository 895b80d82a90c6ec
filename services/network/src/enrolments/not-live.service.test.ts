import { authenticateHost } from '@cep/contracts/agents';
import * as contract from '@cep/contracts/hosts';
import { setPolicy } from '@cep/contracts/policies';
import * as rotations from '@cep/contracts/rotations';
import { parseCertificate } from '@cep/nebula/certificates';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import {
  createWorld,
  hostToken,
  lighthouse,
  machine,
  openBundle,
  stranger,
  user,
  type World,
} from '../world.fixture.ts';

const alice = user('alice');
const params = { network: 'home', host: 'phone' };

requires('postgres')('a host that is not live', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
  });
  beforeEach(async () => {
    await world.clear();
    await world.network(alice, 'home', 'cloud', 'phone');
  });
  afterAll(() => world.stop());

  const show = () => world.call(alice, contract.getHost, { params });
  const newCode = () => world.call(alice, contract.createEnrolment, { params });
  const revoked = async () =>
    (
      await world.db.query('select fingerprint from certificates where revoked_at is not null')
    ).rows.map(({ fingerprint }) => fingerprint);

  /** Another archive: what `cep host bundle` asks for. */
  async function archive(more: { revokeEarlier?: boolean } = {}) {
    const { code } = await newCode();
    const { tunnelKey } = machine().sent;
    const reply = await world.call(stranger, contract.enrolHost, {
      params,
      body: { code, tunnelKey, ...more },
    });
    const bundle = await openBundle(reply);
    return { bundle, fingerprint: (await show()).certificate?.fingerprint };
  }

  async function live() {
    const { code } = await newCode();
    const { sent, signingKey } = machine();
    await world.call(stranger, contract.enrolHost, { params, body: { code, ...sent } });
    return { fingerprint: (await show()).certificate?.fingerprint, signingKey };
  }

  const rotate = (leaveBehind: string[] = []) =>
    world.call(alice, rotations.rotateAuthority, {
      params: { network: 'home' },
      body: { leaveBehind, emergency: false },
    });

  test('is given everything that it needs, and no credential', async () => {
    const { bundle } = await archive();
    const host = await show();

    expect(bundle).toMatchObject({
      host: { name: 'phone', address: `${host.address}/16` },
      lighthouses: [{ endpoints: ['203.0.113.7:4242'] }],
    });
    expect(host).toMatchObject({
      ...{ state: 'enrolled', live: false, warnings: [], bundleVersion: bundle.version },
      agent: { connected: false, lastSeenAt: null, bundleVersion: bundle.version },
    });
    const token = await hostToken(host.id, machine().signingKey);
    await expect(
      world.call({ kind: 'gateway' }, authenticateHost, { body: { token } }),
    ).rejects.toMatchObject({ code: 'not-signed-in' });
  });

  test('may call everyone, as it hears of no change: those whom it calls decide', async () => {
    await world.call(alice, setPolicy, {
      params: { network: 'home' },
      body: { rules: [], tests: [] },
    });

    const { bundle } = await archive();

    expect(bundle).toMatchObject({ inbound: [] });
    expect(bundle).not.toHaveProperty('outbound');
  });

  test('goes on with the archive that it has when another is made, unless it is said', async () => {
    const first = await archive();
    const second = await archive();

    expect(second.fingerprint).not.toBe(first.fingerprint);
    expect(await revoked()).toEqual([]);
    expect(second.bundle.blocklist).toEqual([]);

    const third = await archive({ revokeEarlier: true });

    const earlier = new Set([first.fingerprint, second.fingerprint]);
    expect(new Set(await revoked())).toEqual(earlier);
    expect(new Set(third.bundle.blocklist)).toEqual(earlier);
    expect(await show()).toMatchObject({ certificate: { fingerprint: third.fingerprint } });
  });

  test('takes over from a machine, and a machine from it, and the one before is revoked', async () => {
    const agent = await live();
    expect(await show()).toMatchObject({ live: true });
    const { fingerprint } = await archive();
    expect(await show()).toMatchObject({ live: false });
    expect(await revoked()).toEqual([agent.fingerprint]);
    const token = await hostToken((await show()).id, agent.signingKey);
    await expect(
      world.call({ kind: 'gateway' }, authenticateHost, { body: { token } }),
    ).rejects.toMatchObject({ code: 'not-signed-in' });

    await live();

    expect(await show()).toMatchObject({ live: true });
    expect(await revoked()).toContain(fingerprint);
  });

  test('loses with a group the certificate that names it, and the warning says what to do', async () => {
    await world.call(alice, contract.editHost, { params, body: { groups: ['family', 'admin'] } });
    const { fingerprint } = await archive();
    await world.call(alice, contract.editHost, { params, body: { groups: ['family'] } });

    expect(await revoked()).toEqual([fingerprint]);
    expect(await show()).toMatchObject({
      certificate: null,
      warnings: [expect.stringContaining('cep host bundle home phone')],
    });
    const { bundle } = await archive();
    expect(parseCertificate(bundle.certificate).groups).toEqual(['family']);
    expect((await show()).warnings).toEqual([]);
  });

  test('is warned of ahead of its end, and when it has not heard of a revocation', async () => {
    await archive();
    await world.call(alice, contract.createHost, {
      params: { network: 'home' },
      body: lighthouse('tower', '203.0.113.8'),
    });
    expect((await show()).warnings).toEqual([]);
    await world.db.query(`update certificates set issued_at = now() - interval '80 days',
      not_after = now() + interval '10 days'`);
    expect((await show()).warnings).toEqual([
      expect.stringMatching(/expires on .*cep host bundle/),
    ]);

    await world.db.query(`update certificates set not_after = now() - interval '1 second'`);
    await world.db.query(`insert into certificates
      (fingerprint, network_id, authority, host_id, ordinal, certificate, not_after, revoked_at)
      select 'thief', network_id, authority, gen_random_uuid(), 99, '', now() + interval '1 day', now()
      from certificates`);

    expect((await show()).warnings).toEqual([
      expect.stringMatching(/expired on .*cep host bundle/),
      expect.stringMatching(/has not heard of .*cep host bundle/),
    ]);
  });

  test('is revoked for everybody', async () => {
    const { fingerprint } = await archive();
    const host = await world.call(alice, contract.revokeHost, { params });

    expect(host).toMatchObject({ state: 'revoked', warnings: [] });
    expect(await revoked()).toEqual([fingerprint]);
    await expect(newCode()).rejects.toMatchObject({ code: 'host-revoked' });
  });

  test('holds up the replacement of an authority by name, until it is left behind', async () => {
    await archive();
    const begun = await rotate();
    expect(begun.rotation).toMatchObject({
      stage: 'trust',
      waitingFor: [{ host: 'phone', connected: false, live: false }],
    });

    const { rotation, authority } = await rotate(['phone']);

    // Nobody else takes part who would have to be waited for.
    expect(rotation).toBeNull();
    expect(await show()).toMatchObject({
      certificate: null,
      warnings: [expect.stringContaining('cep host bundle home phone')],
    });
    const { bundle } = await archive();
    expect(parseCertificate(bundle.certificate).issuer).toBe(authority.fingerprint);
    expect((await show()).warnings).toEqual([]);
  });
});
