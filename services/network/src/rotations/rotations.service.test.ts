import * as agents from '@cep/contracts/agents';
import type { Bundle } from '@cep/contracts/bundle';
import * as hosts from '@cep/contracts/hosts';
import { getNetwork } from '@cep/contracts/networks';
import * as contract from '@cep/contracts/rotations';
import { parseCertificate } from '@cep/nebula/certificates';
import { eventually } from '@cep/testing/eventually';
import { requires } from '@cep/testing/requires';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createWorld, type Enrolled, user, type World } from '../world.fixture.ts';

const alice = user('alice');
const params = { network: 'home' };
const count = (pem: string) => pem.split('BEGIN').length - 1;

requires('postgres')('the replacement of an authority', () => {
  let world: World;
  let machines: Machine[];
  let leaving: AbortController;
  beforeAll(async () => {
    world = await createWorld();
  });
  beforeEach(async () => {
    await world.clear();
    leaving = new AbortController();
    const made = await world.network(alice, 'home', 'cloud', 'laptop', 'phone');
    machines = await Promise.all(
      made.map(async ({ host, enrolment }) =>
        follow(await world.enrol('home', host, enrolment.code)),
      ),
    );
  });
  afterEach(() => leaving.abort());
  afterAll(() => world.stop());

  type Machine = Awaited<ReturnType<typeof follow>>;

  /** A host whose nebula runs whatever it is sent, but says so only when it is told to. */
  async function follow(host: Enrolled) {
    const input = { params: host.params, query: { have: 0 } };
    const { caller } = host;
    const events = await world.stream(caller, agents.followBundles, input, leaving.signal);
    const machine = { ...host, bundle: host.bundle as Bundle };
    void (async () => {
      for await (const event of events) machine.bundle = await host.open(event);
    })().catch(() => {});
    return machine;
  }

  const confirm = ({ caller, params: at, bundle }: Machine) =>
    world.call(caller, agents.reportAgent, {
      params: at,
      body: {
        bundleVersion: bundle.version,
        fingerprint: 'a'.repeat(64),
        ...{ nebulaVersion: '1.9.3', agentVersion: '0.1.0' },
      },
    });
  const rotate = (body: Partial<{ leaveBehind: string[]; emergency: boolean }> = {}) =>
    world.call(alice, contract.rotateAuthority, {
      params,
      body: { leaveBehind: [], emergency: false, ...body },
    });
  const state = () => world.call(alice, contract.getRotation, { params });
  const trusting = (authorities: number) =>
    eventually(async () => {
      for (const { bundle } of machines) expect(count(bundle.authorities)).toBe(authorities);
    });
  const issuers = () => machines.map(({ bundle }) => parseCertificate(bundle.certificate).issuer);
  const sent = (stage: number) =>
    eventually(async () => {
      const { rows } = await world.db.query(`select hosts.id, confirm_version from hosts`);
      for (const { id, confirm_version: version } of rows) {
        const machine = machines.find(({ hostId }) => hostId === id);
        expect(machine?.bundle.version).toBeGreaterThanOrEqual(version);
      }
      await trusting(stage);
    });
  const names = async () => (await state()).rotation?.waitingFor.map(({ host }) => host);

  test('goes from one to the other, each step when every host has confirmed', async () => {
    const before = (await world.call(alice, getNetwork, { params })).authority.fingerprint;
    const { rotation, authority } = await rotate();

    expect(authority.fingerprint).toBe(before);
    expect(rotation).toMatchObject({ stage: 'trust', from: before, hosts: 3, leftBehind: [] });
    await sent(2);
    expect(await names()).toEqual(['cloud', 'laptop', 'phone']);
    await Promise.all(machines.slice(0, 2).map(confirm));
    expect(await state()).toMatchObject({
      rotation: { stage: 'trust', waitingFor: [{ host: 'phone', connected: true }] },
    });
    expect(issuers()).toEqual([before, before, before]);

    await Promise.all(machines.slice(2).map(confirm));

    const after = rotation?.to ?? '';
    expect(await state()).toMatchObject({ rotation: { stage: 'sign', from: before, to: after } });
    await eventually(async () => expect(issuers()).toEqual([after, after, after]));
    await sent(2);
    await Promise.all(machines.map(confirm));
    expect(await state()).toEqual({ authority: expect.anything(), rotation: null });
    await trusting(1);
    expect((await world.call(alice, getNetwork, { params })).authority.fingerprint).toBe(after);
    expect((await world.events()).at(-1)).toMatchObject({
      name: 'network.authority.rotated',
      data: { from: before, to: after, emergency: false },
    });
    const { rows } = await world.db.query('select state from authorities where sealed_key is null');
    expect(rows).toEqual([{ state: 'retired' }]);
  });

  test('goes on where it was, whatever ended it and whoever starts it again', async () => {
    const { rotation } = await rotate();
    expect((await rotate()).rotation).toEqual(rotation);
    await sent(2);
    const steps = ['certificates', 'outbox'];

    for (const table of steps) {
      await world.db.query(`alter table ${table} add constraint doom check (false) not valid`);
      await Promise.allSettled(machines.map(confirm));
      const { rotation: held } = await state();
      expect(held).toMatchObject({ to: rotation?.to, waitingFor: [] });
      await world.db.query(`alter table ${table} drop constraint doom`);
      const restarted = await world.start();
      await eventually(async () => expect((await state()).rotation?.stage).not.toBe(held?.stage));
      await restarted.stop();
      if (table === 'certificates') await sent(2);
    }

    await trusting(1);
    expect((await state()).authority.fingerprint).toBe(rotation?.to);
  });

  test('waits for no host that is left behind by name, and gives it what it missed', async () => {
    await rotate();
    await sent(2);
    await Promise.all(machines.slice(0, 2).map(confirm));
    await expect(rotate({ leaveBehind: ['nobody'] })).rejects.toMatchObject({ code: 'not-found' });
    const { rotation } = await rotate({ leaveBehind: ['phone'] });

    expect(rotation).toMatchObject({ stage: 'sign', leftBehind: ['phone'] });
    await sent(2);
    await Promise.all(machines.slice(0, 2).map(confirm));
    expect((await state()).rotation).toBeNull();
    await trusting(1);
    expect(new Set(issuers())).toEqual(new Set([rotation?.to]));
  });

  test('waits for no host that is revoked, deleted or new', async () => {
    await rotate();
    await sent(2);
    const body = { name: 'tablet', lighthouse: false, groups: [] };
    const { host, enrolment } = await world.call(alice, hosts.createHost, { params, body });
    const tablet = await world.enrol('home', host, enrolment.code);
    expect(count(tablet.bundle.authorities)).toBe(2);
    expect(await names()).toEqual(['cloud', 'laptop', 'phone']);
    await world.call(alice, hosts.revokeHost, { params: { network: 'home', host: 'phone' } });
    await world.call(alice, hosts.deleteHost, { params: { network: 'home', host: 'laptop' } });
    await confirm(machines[0] as Machine);

    expect((await state()).rotation).toMatchObject({ stage: 'sign', hosts: 2 });
  });

  test.each(['before', 'trust', 'sign'])(
    'in an emergency ends at once, begun in stage: %s',
    async (stage) => {
      const before = (await state()).authority.fingerprint;
      if (stage !== 'before') await rotate();
      if (stage === 'sign') {
        await sent(2);
        await Promise.all(machines.map(confirm));
      }
      const { authority, rotation } = await rotate({ emergency: true });

      expect(rotation).toBeNull();
      expect(authority.fingerprint).not.toBe(before);
      await eventually(async () =>
        expect(new Set(issuers())).toEqual(new Set([authority.fingerprint])),
      );
      await trusting(1);
    },
  );
});
