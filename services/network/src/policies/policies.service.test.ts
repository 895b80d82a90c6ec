import { followBundles } from '@cep/contracts/agents';
import type { Bundle } from '@cep/contracts/bundle';
import type { Input } from '@cep/contracts/endpoint';
import * as hosts from '@cep/contracts/hosts';
import { createNetwork } from '@cep/contracts/networks';
import * as contract from '@cep/contracts/policies';
import { eventually } from '@cep/testing/eventually';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createWorld, lighthouse, ordinary, user, type World } from '../world.fixture.ts';

const alice = user('alice');
const mallory = user('mallory');
const params = { network: 'home' };
const web = { name: 'web', from: ['group:family'], to: ['host:nas'], allow: ['tcp:443'] };

requires('postgres')('policies', () => {
  let world: World;
  const codes: Record<string, string> = {};
  beforeAll(async () => {
    world = await createWorld();
  });
  beforeEach(async () => {
    await world.clear();
    await world.call(alice, createNetwork, { body: { name: 'home' } });
    await create(lighthouse('cloud'));
    await create({ ...ordinary('laptop'), groups: ['family'] });
    await create(ordinary('nas'));
  });
  afterAll(() => world.stop());

  async function create(body: Input<typeof hosts.createHost>['body']) {
    const { enrolment } = await world.call(alice, hosts.createHost, { params, body });
    codes[body.name] = enrolment.code;
  }
  const hostOf = (host: string) =>
    world.call(alice, hosts.getHost, { params: { network: 'home', host } });
  const show = (as = alice) => world.call(as, contract.getPolicy, { params });
  const set = (body: object, as = alice) =>
    world.call(as, contract.setPolicy, { params, body: body as contract.Policy });
  const explain = (from: string, to: string, packet: string, as = alice) =>
    world.call(as, contract.explainPolicy, { params, body: { from, to, packet } });
  const enrol = async (name: string) => world.enrol('home', await hostOf(name), codes[name] ?? '');
  const versions = async () => {
    const { rows } = await world.db.query('select name, bundle_version from hosts order by name');
    return Object.fromEntries(rows.map(({ name, bundle_version }) => [name, bundle_version]));
  };

  test('a network without one lets members reach each other', async () => {
    expect(await show()).toEqual({ policy: null, changedAt: null, warnings: [] });
    expect(await explain('host:laptop', 'host:nas', 'tcp:22')).toMatchObject({
      verdict: 'allowed',
      rule: null,
    });
    expect((await enrol('nas')).bundle).toMatchObject({
      inbound: [{ port: 'any', protocol: 'any', from: { any: true } }],
      outbound: [{ port: 'any', protocol: 'any', to: { any: true } }],
    });
  });

  test('one that is set is shown as it was sent, and is what bundles say from then on', async () => {
    const reply = await set({ rules: [web] });

    expect(reply).toMatchObject({ policy: { rules: [web], tests: [] }, warnings: [] });
    expect(JSON.stringify((await show()).policy)).toBe(JSON.stringify(reply.policy));
    const traffic = ['443', 'fragment'].map((port) => ({ port, protocol: 'tcp' }));
    expect((await enrol('nas')).bundle).toMatchObject({
      inbound: traffic.map((each) => ({ ...each, from: { group: 'family' } })),
      outbound: [],
    });
    expect((await enrol('laptop')).bundle).toMatchObject({
      inbound: [],
      outbound: traffic.map((each) => ({ ...each, to: { host: 'nas' } })),
    });
  });

  test('a change touches the hosts whose rules it changes, and says so', async () => {
    expect((await set({ rules: [web] })).changedHosts).toEqual(['cloud', 'laptop', 'nas']);
    const before = await versions();

    const ping = { from: ['host:nas'], to: ['host:laptop'], allow: ['icmp'] };
    const second = await set({ rules: [ping, { ...web, name: 'files' }] });

    expect(second.changedHosts).toEqual(['laptop', 'nas']);
    const [laptop, nas] = [before.laptop + 1, before.nas + 1];
    expect(await versions()).toEqual({ ...before, laptop, nas });
    const events = await world.events();
    const network = events[0]?.data.networkId;
    expect(events.slice(1)).toEqual([
      { name: 'network.policy.changed', data: { networkId: network } },
      { name: 'network.policy.changed', data: { networkId: network } },
    ]);
  });

  describe('one that is refused leaves everything as it was', () => {
    test.each([
      ['invalid-request', { rules: [{ ...web, to: ['host:sna'] }] }],
      ['invalid-request', { rules: [{ ...web, allow: ['tcp:1-65535'] }] }],
      ['invalid-request', { rule: [] }],
      [
        'policy-test-failed',
        { rules: [web], tests: [{ from: 'host:laptop', to: 'host:nas', deny: ['tcp:443'] }] },
      ],
    ])('with %s: %j', async (code, policy) => {
      await set({ rules: [web] });
      const [before, bundles, events] = [await show(), await versions(), await world.events()];

      await expect(set(policy)).rejects.toMatchObject({ code });

      expect([await show(), await versions(), await world.events()]).toEqual([
        before,
        bundles,
        events,
      ]);
    });
  });

  test('a question is answered with the rule', async () => {
    await set({ rules: [{ ...web, name: 'other', allow: ['udp:53'] }, web] });

    expect(await explain('host:laptop', 'host:nas', 'tcp:443')).toEqual({
      verdict: 'allowed',
      rule: { number: 2, ...web },
      reason: 'Rule 2 "web" allows it.',
    });
    expect(await explain('host:nas', 'host:laptop', 'tcp:443')).toEqual({
      verdict: 'denied',
      rule: null,
      reason: 'No rule allows it.',
    });
    expect(await explain('group:family', 'host:nas', 'tcp:443')).toMatchObject({
      verdict: 'allowed',
    });
    expect(await explain('host:nas', 'host:nas', 'tcp:1')).toMatchObject({ verdict: 'allowed' });
    await expect(explain('host:gone', 'host:nas', 'icmp')).rejects.toMatchObject({
      code: 'not-found',
      message: 'There is no host "gone" on the network "home".',
    });
  });

  test('hosts that are connected get their rules at once, and those it does not touch nothing', async () => {
    await set({ rules: [web] });
    const leaving = new AbortController();
    const received: Record<string, Bundle[]> = { nas: [], laptop: [] };
    for (const [name, bundles] of Object.entries(received)) {
      const enrolled = await enrol(name);
      const { caller, bundle } = enrolled;
      const input = { params: enrolled.params, query: { have: bundle.version } };
      const events = await world.stream(caller, followBundles, input, leaving.signal);
      void (async () => {
        for await (const event of events) bundles.push(await enrolled.open(event));
      })().catch(() => {});
    }

    await set({ rules: [{ ...web, allow: ['tcp:22'] }] });
    for (const name of ['nas', 'laptop'])
      await eventually(async () => expect(received[name]).toHaveLength(1));
    await set({
      rules: [
        { ...web, allow: ['tcp:22'] },
        { ...web, to: ['host:laptop'] },
      ],
    });
    await eventually(async () => expect(received.laptop).toHaveLength(2));

    expect(received.nas?.map(({ inbound }) => inbound[0]?.port)).toEqual(['22']);
    leaving.abort();
  });

  test('a host that goes is warned of, and goes with nothing else', async () => {
    await set({ rules: [web] });
    await world.call(alice, hosts.deleteHost, { params: { network: 'home', host: 'nas' } });

    expect(await show()).toMatchObject({ warnings: ['There is no host "nas" any more.'] });
    await expect(set({ rules: [web] })).rejects.toMatchObject({ code: 'invalid-request' });
  });

  test('other projects neither see nor change it', async () => {
    await set({ rules: [web] });

    for (const attempt of [
      () => show(mallory),
      () => set({ rules: [] }, mallory),
      () => explain('host:laptop', 'host:nas', 'icmp', mallory),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: 'not-found' });
    }
    expect(await show()).toMatchObject({ policy: { rules: [web] } });
  });
});
