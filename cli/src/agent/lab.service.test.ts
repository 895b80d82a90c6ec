import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fingerprint, parseCertificate } from '@cep/nebula/certificates';
import { eventually } from '@cep/testing/eventually';
import { createLab, type Lab } from '@cep/testing/lab';
import { type NebulaVersion, nebulaPrograms, nebulaVersions } from '@cep/testing/nebula';
import { startPing } from '@cep/testing/ping';
import { requires } from '@cep/testing/requires';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { fingerprintOf } from '../certificate.ts';
import { type LabMachine, labMachine } from '../machine.fixture.ts';
import { type FixtureServer, startServer } from '../server.fixture.ts';
import { CODE, controlPlane } from './control-plane.fixture.ts';
import { hostFolder } from './host-folder.ts';
import { findStrays } from './nebula-process.ts';

// Each command is a process of its own, and there are three machines.
jest.setTimeout(60_000);

/** No connection is away for longer. */
const GAP_MS = 500;
/** How much later one host is told than another. */
const LATE_MS = 300;

const names = ['light', 'peer', 'other'] as const;
type Name = (typeof names)[number];

requires('nebula', 'namespaces')('agents on a network', () => {
  const port = randomInt(20_000, 60_000);
  let lab: Lab<Name>;
  const machines: LabMachine[] = [];
  let server: FixtureServer | undefined;
  let plane: ReturnType<typeof controlPlane>;

  beforeEach(async () => {
    lab = await createLab({ hosts: names });
  });
  afterEach(async () => {
    await Promise.all(machines.splice(0).map((each) => each.disconnect()));
    await server?.[Symbol.asyncDispose]();
    await lab.close();
  });

  /** Three machines on one network, each pair of which has met. */
  async function connected(
    version: NebulaVersion | Record<Name, NebulaVersion>,
    lifetimeSeconds = 86_400,
  ): Promise<void> {
    const endpoint = `${lab.hosts.light.address}:${port}`;
    plane = controlPlane({ network: 'home', prefix: '10.77.0', port, endpoint, lifetimeSeconds });
    server = await startServer(plane.mount, { host: lab.gateway });
    const where = ['--server', server.url.origin, '--pin', fingerprintOf(server.certificate)];
    for (const name of names) {
      const own = typeof version === 'string' ? version : version[name];
      const machine = labMachine(lab.hosts[name], nebulaPrograms(own).nebula);
      machines.push(machine);
      await machine.connect('home', name, ...where, '--code', CODE);
    }
    for (const from of ['peer', 'other'] as const)
      for (const to of ['10.77.0.1', '10.77.0.2', '10.77.0.3']) {
        await eventually(async () => {
          expect((await lab.hosts[from].exec('ping', ['-c1', '-W1', to])).code).toBe(0);
        });
      }
  }

  test('of three versions: one that is killed without a control plane is back, and nobody else notices', async () => {
    await connected({ light: '1.6', peer: '1.9', other: '1.11' });
    await server?.[Symbol.asyncDispose]();
    server = undefined;
    const ping = await startPing(lab.hosts.peer, '10.77.0.1');
    const { home } = machines[names.indexOf('other')] ?? {};
    const [nebula] = findStrays(hostFolder(home ?? '', 'home', 'other'));

    process.kill(nebula?.pid ?? 0, 'SIGKILL');

    for (const to of ['10.77.0.1', '10.77.0.2'])
      await eventually(
        async () => {
          expect((await lab.hosts.other.exec('ping', ['-c1', '-W1', to])).code).toBe(0);
        },
        { within: 20_000 },
      );
    expect(await ping.largestGap()).toBeLessThan(GAP_MS);
  });

  describe.each(nebulaVersions)('nebula %s', (version) => {
    test('a revoked host is cut off from everybody at once', async () => {
      await connected(version);
      const ping = await startPing(lab.hosts.other, '10.77.0.2');
      const began = Date.now();

      plane.revoke('other');

      const last = await ping.lastAnswer();
      expect(last - began).toBeLessThan(1_000);
    });

    test('a host that has left a group is cut off from what it let in, though it was met since', async () => {
      await connected(version);
      plane.regroup('other', ['staff']);
      // What nebula lets out it also lets back in: an answer under way would go for a call.
      plane.change('light', {
        inbound: [{ port: 'any', protocol: 'any', from: { group: 'staff' } }],
        outbound: [],
      });
      const ping = await startPing(lab.hosts.other, '10.77.0.1');

      const blocked = plane.regroup('other', []);
      await eventually(async () =>
        expect(plane.reportOf('other')?.bundleVersion).toBe(plane.bundleOf('other').version),
      );
      const began = Date.now();
      plane.change('light', { blocklist: [blocked] });

      expect((await ping.lastAnswer()) - began).toBeLessThan(1_000);
    });

    test.each(['peer', 'light'] as const)(
      'who is told of its other groups after %s goes on calling it',
      async (called) => {
        await connected(version);
        const { certificate, host } = plane.bundleOf('other');
        const ping = await startPing(
          lab.hosts.other,
          plane.bundleOf(called).host.address.replace(/\/.*/, ''),
        );
        const blocklist = [fingerprint(parseCertificate(certificate))];

        plane.change('peer', { blocklist });
        plane.change('light', { blocklist });
        await eventually(async () =>
          expect(plane.reportOf(called)?.bundleVersion).toBe(plane.bundleOf(called).version),
        );
        // By now it has begun to shake hands with what is refused.
        await sleep(LATE_MS);
        plane.regroup(host.name, ['staff']);

        await eventually(async () => expect(plane.reportOf('other')?.bundleVersion).toBe(2));
        await sleep(2_000);
        expect(await ping.largestGap()).toBeLessThan(LATE_MS + 1_500);
      },
    );

    test('a certificate is renewed without dropping a tunnel', async () => {
      await connected(version, 12);
      const ping = await startPing(lab.hosts.peer, '10.77.0.3');
      const before = plane.bundleOf('peer').certificate;

      await eventually(
        async () => {
          expect(plane.bundleOf('peer').certificate).not.toBe(before);
          expect(plane.reportOf('peer')?.bundleVersion).toBeGreaterThanOrEqual(3);
        },
        { within: 30_000 },
      );

      expect(await ping.largestGap()).toBeLessThan(GAP_MS);
    });
  });
});
