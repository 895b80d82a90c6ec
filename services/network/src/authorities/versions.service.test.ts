/** Networks with IPv6 and of P-256: who gets which certificates, and what is refused. */
import { followBundles, renewCertificate, reportAgent } from '@cep/contracts/agents';
import type { Bundle } from '@cep/contracts/bundle';
import * as hosts from '@cep/contracts/hosts';
import { createNetwork, getNetwork } from '@cep/contracts/networks';
import { rotateAuthority } from '@cep/contracts/rotations';
import { fingerprint, parseCertificate, parseCertificates } from '@cep/nebula/certificates';
import { authorityPool, verify } from '@cep/nebula/verify';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  createWorld,
  type Enrolled,
  lighthouse,
  machine,
  ordinary,
  stranger,
  user,
  type World,
} from '../world.fixture.ts';

const alice = user('alice');
const params = { network: 'home' };
const CIDR6 = 'fd00:42::/64';

requires('postgres')('certificates of two versions and curves', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
  });
  beforeEach(() => world.clear());
  afterAll(() => world.stop());

  const network = (settings: object) =>
    world.call(alice, createNetwork, { body: { name: 'home', cidr: '10.42.0.0/16', ...settings } });
  const host = (body: ReturnType<typeof ordinary> & { address?: string }) =>
    world.call(alice, hosts.createHost, { params, body });
  const show = (name: string) =>
    world.call(alice, hosts.getHost, { params: { network: 'home', host: name } });

  async function join(body: ReturnType<typeof ordinary>, nebulaVersion: string) {
    const made = await host(body);
    return world.enrol('home', made.host, made.enrolment.code, { nebulaVersion });
  }

  /** The newest bundle of a host, which it has not. */
  async function newest({ params: at, caller, open }: Enrolled): Promise<Bundle> {
    const stop = new AbortController();
    const stream = await world.stream(
      caller,
      followBundles,
      { params: at, query: { have: 0 } },
      stop.signal,
    );
    for await (const signed of stream) {
      stop.abort();
      return open(signed);
    }
    throw new Error('no bundle');
  }

  const report = ({ caller, params: at, bundle }: Enrolled, nebulaVersion: string) =>
    world.call(caller, reportAgent, {
      params: at,
      body: {
        ...{ bundleVersion: bundle.version, nebulaVersion, agentVersion: '0.1.0' },
        fingerprint: fingerprint(parseCertificate(bundle.certificate)),
      },
    });

  const isValid = (certificate: string, authorities: string): boolean =>
    verify(parseCertificate(certificate), authorityPool(parseCertificates(authorities)), {
      now: Math.floor(Date.now() / 1000),
    }) === 'valid';

  describe('a network of version 2', () => {
    test('has a range of IPv6 of its own, and its hosts an address in both', async () => {
      const made = await network({ certificateVersion: 2 });
      const { host: cloud } = await host(lighthouse('cloud'));

      expect(made).toMatchObject({ certificateVersion: 2, curve: 'curve25519' });
      expect(made.cidr6).toMatch(/^fd[0-9a-f]{2}:[0-9a-f:]+::\/64$/);
      expect(await world.call(alice, getNetwork, { params })).toEqual({ ...made, hosts: 1 });
      expect(cloud).toMatchObject({
        address: '10.42.0.1',
        address6: made.cidr6?.replace('::/64', '::1'),
      });
    });

    test('gives the address that is asked for, in either family', async () => {
      await network({ certificateVersion: 2, cidr6: CIDR6 });
      await host(lighthouse('cloud'));

      expect((await host({ ...ordinary('nine'), address: 'fd00:42::9' })).host).toMatchObject({
        ...{ address: '10.42.0.9', address6: 'fd00:42::9' },
      });
      await expect(host({ ...ordinary('b'), address: '10.42.0.9' })).rejects.toMatchObject({
        code: 'address-taken',
      });
      await expect(host({ ...ordinary('b'), address: 'fd00:43::9' })).rejects.toMatchObject({
        code: 'invalid-request',
      });
    });

    test('shares no range with another', async () => {
      await network({ certificateVersion: 2, cidr6: CIDR6 });
      const body = { name: 'lab', certificateVersion: 2, cidr6: 'fd00:42::/48' } as const;

      await expect(world.call(alice, createNetwork, { body })).rejects.toMatchObject({
        code: 'range-overlaps',
        message: expect.stringMatching(/body\/cidr6 .* "home"/),
      });
    });

    test('gives each host what its nebula reads', async () => {
      await network({ certificateVersion: 2, cidr6: CIDR6 });
      const cloud = await join(lighthouse('cloud'), '1.11.0');
      const old = await join(ordinary('old'), '1.6.1');

      const { version2 } = cloud.bundle;
      expect(version2).toMatchObject({
        ...{ network: { cidr: CIDR6 }, host: { address: 'fd00:42::1/64' } },
      });
      expect(isValid(cloud.bundle.certificate, cloud.bundle.authorities)).toBe(true);
      expect(isValid(version2?.certificate ?? '', version2?.authorities ?? '')).toBe(true);
      expect(parseCertificate(version2?.certificate ?? '').networks).toEqual([
        ...['10.42.0.1/16', 'fd00:42::1/64'],
      ]);
      expect(old.bundle).not.toHaveProperty('version2');
      expect(parseCertificates(old.bundle.authorities).map(({ version }) => version)).toEqual([1]);
      expect(old.bundle.lighthouses).toMatchObject([{ address6: 'fd00:42::1' }]);
      expect((await show('cloud')).certificate?.versions).toEqual([1, 2]);
      expect((await show('old')).warnings).toEqual([expect.stringContaining('no IPv6')]);
    });

    test('gives a host other certificates when its nebula is another', async () => {
      await network({ certificateVersion: 2, cidr6: CIDR6 });
      await join(lighthouse('cloud'), '1.11.0');
      const laptop = await join(ordinary('laptop'), '1.9.3');

      await report(laptop, '1.9.3');
      expect((await newest(laptop)).certificate).toBe(laptop.bundle.certificate);
      await report(laptop, '1.11.0');
      const upgraded = await newest(laptop);
      await report(laptop, '1.6.1');
      const downgraded = await newest(laptop);

      expect(upgraded.version2?.host.address).toBe('fd00:42::2/64');
      expect(upgraded.certificate).not.toBe(laptop.bundle.certificate);
      expect(downgraded).not.toHaveProperty('version2');
      expect(downgraded.version).toBeGreaterThan(upgraded.version);
    });

    test('has no more certificates for a host that says now this version and now that', async () => {
      await network({ certificateVersion: 2, cidr6: CIDR6 });
      await join(lighthouse('cloud'), '1.11.0');
      const laptop = await join(ordinary('laptop'), '1.9.3');
      const body = { bundleVersion: 1, fingerprint: 'a'.repeat(64), agentVersion: '0.1.0' };

      for (let turn = 0; turn < 15; turn += 1) {
        const nebulaVersion = turn % 2 === 0 ? '1.11.0' : '1.9.3';
        const report = { params: laptop.params, body: { ...body, nebulaVersion } };
        await world.call(laptop.caller, reportAgent, report);
      }

      const { rows } = await world.db.query(
        `select count(*)::integer as issued from certificates where host_id = '${laptop.hostId}'`,
      );
      expect(rows).toEqual([{ issued: 10 }]);
    });

    test('blocks both certificates of a revoked host', async () => {
      await network({ certificateVersion: 2, cidr6: CIDR6 });
      const cloud = await join(lighthouse('cloud'), '1.11.0');
      const laptop = await join(ordinary('laptop'), '1.11.0');

      await world.call(alice, hosts.revokeHost, { params: laptop.params });

      const { certificate, version2 } = laptop.bundle;
      const both = [certificate, version2?.certificate ?? '']
        .map(parseCertificate)
        .map(fingerprint);
      expect((await newest(cloud)).blocklist.toSorted()).toEqual(both.toSorted());
    });

    test('renews both, and replaces the authority in both', async () => {
      await network({ certificateVersion: 2, cidr6: CIDR6 });
      const cloud = await join(lighthouse('cloud'), '1.11.0');
      const { tunnelKey } = machine().sent;
      const renewal = { params: cloud.params, body: { tunnelKey } };
      const renewed = await cloud.open(await world.call(cloud.caller, renewCertificate, renewal));
      await world.call(alice, rotateAuthority, {
        params,
        body: { emergency: true, leaveBehind: [] },
      });
      const rotated = await newest(cloud);

      const keys = [renewed, rotated]
        .flatMap(({ certificate, version2 }) => [certificate, version2?.certificate ?? ''])
        .map((each) => Buffer.from(parseCertificate(each).publicKey).toString('base64url'));
      expect(new Set(keys)).toEqual(new Set([tunnelKey]));
      const { version2 } = rotated;
      expect(isValid(version2?.certificate ?? '', version2?.authorities ?? '')).toBe(true);
      expect(isValid(version2?.certificate ?? '', renewed.version2?.authorities ?? '')).toBe(false);
    });
  });

  describe('a network of P-256', () => {
    test('tells who has a code which key it wants, and keeps the code good', async () => {
      await network({ curve: 'p256' });
      const made = await host(lighthouse('cloud'));
      const at = { network: 'home', host: 'cloud' };
      const { code } = made.enrolment;
      const enrol = (tried: string) =>
        world.call(stranger, hosts.enrolHost, {
          params: at,
          body: { code: tried, ...machine().sent },
        });

      await expect(enrol('wrong')).rejects.toMatchObject({ code: 'enrolment-refused' });
      await expect(enrol(code)).rejects.toMatchObject({
        ...{ code: 'wrong-curve', members: { curve: 'p256' } },
      });
      const { bundle } = await world.enrol('home', made.host, code, { curve: 'p256' });

      expect(parseCertificate(bundle.certificate).curve).toBe('p256');
      expect(isValid(bundle.certificate, bundle.authorities)).toBe(true);
    });

    test('refuses a nebula that does not know the curve, and keeps the code good', async () => {
      await network({ curve: 'p256' });
      const made = await host(lighthouse('cloud'));
      const enrol = (nebulaVersion: string) =>
        world.enrol('home', made.host, made.enrolment.code, { curve: 'p256', nebulaVersion });

      await expect(enrol('1.6.1')).rejects.toMatchObject({
        ...{ code: 'unfit-for-nebula', members: { rule: 'p256-before-1.7' } },
        message: expect.stringContaining('1.7 or later'),
      });
      expect((await enrol('1.9.3')).bundle.host.name).toBe('cloud');
    });

    test('blocks what a revoked certificate can be turned into', async () => {
      await network({ curve: 'p256', certificateVersion: 2 });
      const settings = { curve: 'p256', nebulaVersion: '1.11.0' } as const;
      const made = [await host(lighthouse('cloud')), await host(ordinary('laptop'))];
      const [cloud, laptop] = await Promise.all(
        made.map((each) => world.enrol('home', each.host, each.enrolment.code, settings)),
      );
      if (!cloud || !laptop) throw new Error('nobody enrolled');

      await world.call(alice, hosts.revokeHost, { params: laptop.params });
      const { blocklist } = await newest(cloud);

      expect(blocklist).toHaveLength(4);
      expect(blocklist).toContain(fingerprint(parseCertificate(laptop.bundle.certificate)));
    });
  });

  describe('refused is', () => {
    const unfit = (rule: string) => ({ code: 'unfit-for-nebula', members: { rule } });

    test('a network with IPv6 in version 1', async () => {
      await expect(network({ cidr6: CIDR6 })).rejects.toMatchObject(unfit('ipv6-in-version-1'));
    });

    test.each([
      '10.0.0.0/8',
      'fe80::/64',
      '2001:db8::/64',
      'fd00:42::1/64',
      'fd00::/16',
      'fd00:42::/112',
    ])('the IPv6 range %s', async (cidr6) => {
      await expect(network({ certificateVersion: 2, cidr6 })).rejects.toMatchObject({
        code: 'invalid-request',
        message: expect.stringContaining('cidr6'),
      });
    });

    test('an old lighthouse or relay where there is IPv6', async () => {
      await network({ certificateVersion: 2, cidr6: CIDR6 });
      const rule = unfit('ipv6-landmark-before-1.10');

      await expect(join(lighthouse('cloud'), '1.9.3')).rejects.toMatchObject(rule);
      await join(ordinary('laptop'), '1.9.3');
      const relay = { params: { network: 'home', host: 'laptop' }, body: { relay: true } };
      await expect(world.call(alice, hosts.editHost, relay)).rejects.toMatchObject(rule);
    });
  });
});
