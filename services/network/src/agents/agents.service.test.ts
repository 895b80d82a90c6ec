import * as contract from '@cep/contracts/agents';
import type { Bundle } from '@cep/contracts/bundle';
import * as hosts from '@cep/contracts/hosts';
import { deleteNetwork } from '@cep/contracts/networks';
import { eventually } from '@cep/testing/eventually';
import { requires } from '@cep/testing/requires';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  createWorld,
  type Enrolled,
  hostToken,
  machine,
  user,
  type World,
} from '../world.fixture.ts';

const alice = user('alice');

requires('postgres')('an enrolled host', () => {
  let world: World;
  let cloud: Enrolled;
  let laptop: Enrolled;
  let leaving: AbortController;
  beforeAll(async () => {
    world = await createWorld();
  });
  beforeEach(async () => {
    await world.clear();
    leaving = new AbortController();
    const made = await world.network(alice, 'home', 'cloud', 'laptop');
    const [first, second] = await Promise.all(
      made.map(({ host, enrolment }) => world.enrol('home', host, enrolment.code)),
    );
    cloud = first as Enrolled;
    laptop = second as Enrolled;
  });
  afterEach(() => leaving.abort());
  afterAll(() => world.stop());

  const show = (host: string) =>
    world.call(alice, hosts.getHost, { params: { network: 'home', host } });
  const revoke = (host: string) =>
    world.call(alice, hosts.revokeHost, { params: { network: 'home', host } });
  const edit = (host: string, body: object) =>
    world.call(alice, hosts.editHost, { params: { network: 'home', host }, body });

  /** Keeps what a host is sent, and how that ended. */
  async function follow(host: Enrolled, have = host.bundle.version, url?: URL) {
    const received: Bundle[] = [];
    const { params, caller } = host;
    const input = { params, query: { have } };
    const events = await world.stream(caller, contract.followBundles, input, leaving.signal, url);
    const ended = (async () => {
      for await (const event of events) received.push(await host.open(event));
      return 'ended';
    })().catch((error) => error.code ?? error.name);
    return { received, ended };
  }

  const authenticate = async (token: string) =>
    world.call({ kind: 'gateway' }, contract.authenticateHost, { body: { token } });

  describe('proves itself by what it signs', () => {
    test('and is known as itself', async () => {
      const token = await hostToken(laptop.hostId, laptop.signingKey);

      expect(await authenticate(token)).toEqual(laptop.caller);
    });

    test('unless it was revoked, deleted or taken over', async () => {
      const [token, other] = await Promise.all(
        [laptop, cloud].map((host) => hostToken(host.hostId, host.signingKey)),
      );
      await revoke('laptop');
      await expect(authenticate(token ?? '')).rejects.toMatchObject({ code: 'host-revoked' });
      await world.call(alice, hosts.deleteHost, { params: laptop.params });
      await expect(authenticate(token ?? '')).rejects.toMatchObject({ code: 'not-signed-in' });
      const { code } = await world.call(alice, hosts.createEnrolment, { params: cloud.params });
      await world.enrol('home', await show('cloud'), code);
      await expect(authenticate(other ?? '')).rejects.toMatchObject({ code: 'not-signed-in' });
    });

    test('and may act for itself alone', async () => {
      const params = cloud.params;
      const attempts = [
        () => world.call(laptop.caller, contract.reportAgent, { params, body: report() }),
        () => world.call(laptop.caller, contract.renewCertificate, { params, body: renewal() }),
        () => follow({ ...laptop, params }),
      ];

      for (const attempt of attempts) {
        await expect(attempt()).rejects.toMatchObject({ code: 'forbidden' });
      }
      await expect(
        world.call(alice, contract.reportAgent, { params, body: report() }),
      ).rejects.toMatchObject({ code: 'not-signed-in' });
    });
  });

  const report = (changed: Partial<contract.AgentReport> = {}): contract.AgentReport => ({
    bundleVersion: 2,
    fingerprint: 'a'.repeat(64),
    nebulaVersion: '1.9.3',
    agentVersion: '0.1.0',
    ...changed,
  });
  const renewal = () => ({ tunnelKey: machine().sent.tunnelKey });

  describe('follows its bundles', () => {
    test('and is sent the newest at once only when it has an older one', async () => {
      const behind = await follow(laptop, 0);
      const { received } = await follow(cloud);

      await eventually(async () => expect(behind.received).toHaveLength(1));
      expect(behind.received[0]).toMatchObject({ ...laptop.bundle, issuedAt: expect.any(String) });
      expect(received).toEqual([]);
    });

    test('and hears at once who is revoked, also what is changed at another replica', async () => {
      const second = await world.start();
      const here = await follow(cloud);
      const body = { name: 'thief', lighthouse: false, groups: [] };
      const params = { network: 'home' };
      const { host, enrolment } = await world.call(alice, hosts.createHost, { params, body });
      const thief = await world.enrol('home', host, enrolment.code);
      const there = await follow(laptop, laptop.bundle.version, second.url);
      const { fingerprint } = (await show('thief')).certificate ?? {};
      const gone = await follow(thief);

      await revoke('thief');

      await eventually(async () => {
        expect(here.received.at(-1)?.blocklist).toEqual([fingerprint]);
        expect(there.received.at(-1)?.blocklist).toEqual([fingerprint]);
      });
      expect(await gone.ended).toBe('host-revoked');
      await second.stop();
      expect(await there.ended).toBe('ended');
    });

    test('and what it is not concerned by is not sent', async () => {
      const { received } = await follow(cloud);
      await edit('laptop', { groups: ['family'] });
      await edit('cloud', { port: 443 });

      await eventually(async () => expect(received).toHaveLength(1));
      expect(received[0]).toMatchObject({ version: cloud.bundle.version + 1, host: { port: 443 } });
    });

    test('until it is deleted, or its network is', async () => {
      const first = await follow(laptop);
      const second = await follow(cloud);

      await world.call(alice, hosts.deleteHost, { params: laptop.params });
      expect(await first.ended).toBe('host-revoked');
      const query = { force: true };
      await world.call(alice, deleteNetwork, { params: { network: 'home' }, query });
      expect(await second.ended).toBe('host-revoked');
    });

    test('from one place at a time: the newer connection counts', async () => {
      const first = await follow(laptop);
      await eventually(async () => expect((await show('laptop')).agent.connected).toBe(true));
      const second = await follow(laptop);

      expect(await first.ended).toBe('connected-elsewhere');
      expect((await show('laptop')).agent.connected).toBe(true);
      leaving.abort();
      await second.ended;
      await eventually(async () => expect((await show('laptop')).agent.connected).toBe(false));
    });

    test('and however many come and go at once, others are answered', async () => {
      const holder = await world.db.connect();
      await holder.query('begin; lock table agents in exclusive mode');
      const all = Promise.all(Array.from({ length: 30 }, () => follow(laptop)));
      await eventually(async () => {
        const { rowCount } = await world.db.query(`select from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`);
        expect(rowCount).toBe(1);
      });

      expect((await show('laptop')).agent.connected).toBe(false);
      await holder.query('commit');
      holder.release();
      const followed = await all;
      expect((await show('laptop')).agent.connected).toBe(true);
      leaving.abort();
      await Promise.all(followed.map(({ ended }) => ended));
      await eventually(async () => expect((await show('laptop')).agent.connected).toBe(false));
    });

    test('whatever happens to the connection that notices come by', async () => {
      const { received } = await follow(cloud);
      await world.db.query(`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and query like 'listen%bundles%'`);
      await revoke('laptop');

      await eventually(async () => expect(received.at(-1)?.blocklist).toHaveLength(1));
    });
  });

  describe('renews its certificate', () => {
    const renew = (tunnelKey = machine().sent.tunnelKey) =>
      world.call(laptop.caller, contract.renewCertificate, {
        params: laptop.params,
        body: { tunnelKey },
      });

    test('for a new key, and the old one stays good until its end', async () => {
      const { received } = await follow(laptop);
      const before = (await show('laptop')).certificate;
      const bundle = await laptop.open(await renew());
      const after = (await show('laptop')).certificate;

      expect(after?.fingerprint).not.toBe(before?.fingerprint);
      expect(bundle).toMatchObject({ version: laptop.bundle.version + 1, blocklist: [] });
      expect(bundle.certificate).not.toBe(laptop.bundle.certificate);
      await eventually(async () => expect(received.at(-1)?.certificate).toBe(bundle.certificate));
      await revoke('laptop');
      const { received: told } = await follow(cloud);
      await eventually(async () =>
        expect(new Set(told.at(-1)?.blocklist)).toEqual(
          new Set([before?.fingerprint, after?.fingerprint]),
        ),
      );
    });

    test('and gets the same again when the reply was lost', async () => {
      const { tunnelKey } = machine().sent;
      const first = await laptop.open(await renew(tunnelKey));
      const second = await laptop.open(await renew(tunnelKey));

      expect(second.certificate).toBe(first.certificate);
    });

    test('not for a key with which no secret can be made, and not without end', async () => {
      await expect(renew('A'.repeat(43))).rejects.toMatchObject({ code: 'invalid-request' });
      for (let n = 1; n < 10; n += 1) await renew();
      await expect(renew()).rejects.toMatchObject({ code: 'too-many-requests' });
    });

    test('not when it was revoked meanwhile', async () => {
      await revoke('laptop');

      await expect(renew()).rejects.toMatchObject({ code: 'host-revoked' });
    });
  });

  test('says what it runs, and everybody who may see the host sees it', async () => {
    await follow(laptop);
    const { bundleVersion } = await show('laptop');
    const say = (body: contract.AgentReport) =>
      world.call(laptop.caller, contract.reportAgent, { params: laptop.params, body });
    await say(report({ bundleVersion, problem: 'nebula is missing' }));

    expect(await show('laptop')).toMatchObject({
      agent: {
        connected: true,
        lastSeenAt: expect.any(String),
        bundleVersion,
        nebulaVersion: '1.9.3',
        agentVersion: '0.1.0',
        problem: 'nebula is missing',
      },
      warnings: [expect.stringContaining('nebula is missing')],
    });
    await say(report({ bundleVersion: bundleVersion - 1 }));
    expect((await show('laptop')).warnings).toEqual([expect.stringContaining('the newest is')]);
    await say(report({ bundleVersion }));
    expect((await show('laptop')).warnings).toEqual([]);
  });
});
