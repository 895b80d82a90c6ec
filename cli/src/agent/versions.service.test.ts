/** A network with IPv6, of which one host's nebula reads version 1 alone. */
import { randomInt } from 'node:crypto';
import { parseCertificate } from '@cep/nebula/certificates';
import { eventually } from '@cep/testing/eventually';
import { createLab, type Lab } from '@cep/testing/lab';
import { nebulaPrograms, nebulaVersions } from '@cep/testing/nebula';
import { startPing } from '@cep/testing/ping';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { fingerprintOf } from '../certificate.ts';
import { type LabMachine, labMachine } from '../machine.fixture.ts';
import { type FixtureServer, startServer } from '../server.fixture.ts';
import { CODE, controlPlane } from './control-plane.fixture.ts';

// Each command is a process of its own, and there are four machines.
jest.setTimeout(90_000);

const VERSIONS = { light: '1.11', new: '1.11', other: '1.11', old: '1.6' } as const;
type Name = keyof typeof VERSIONS;
const names = Object.keys(VERSIONS) as Name[];

requires('nebula', 'namespaces')('a network of IPv4 and IPv6', () => {
  const port = randomInt(20_000, 60_000);
  const machines = {} as Record<Name, LabMachine>;
  let lab: Lab<Name>;
  let server: FixtureServer;
  let plane: ReturnType<typeof controlPlane>;

  const four = (name: Name) => `10.78.0.${names.indexOf(name) + 1}`;
  const six = (name: Name) => `fd00:78::${names.indexOf(name) + 1}`;
  const pings = async (from: Name, to: string) =>
    (await lab.hosts[from].exec('ping', ['-c1', '-W1', to])).code === 0;

  beforeAll(async () => {
    lab = await createLab({ hosts: names });
    const endpoint = `${lab.hosts.light.address}:${port}`;
    plane = controlPlane({
      ...{ network: 'home', prefix: '10.78.0', prefix6: 'fd00:78::', port, endpoint },
    });
    server = await startServer(plane.mount, { host: lab.gateway });
    const where = ['--server', server.url.origin, '--pin', fingerprintOf(server.certificate)];
    for (const name of names) {
      machines[name] = labMachine(lab.hosts[name], nebulaPrograms(VERSIONS[name]).nebula);
      await machines[name].connect('home', name, ...where, '--code', CODE);
    }
  });
  afterAll(async () => {
    await Promise.all(Object.values(machines).map((each) => each.disconnect()));
    await server[Symbol.asyncDispose]();
    await lab.close();
  });

  test.each(['light', 'other'] as const)('a new host reaches %s by either family', async (to) => {
    for (const address of [six(to), four(to), six(to)])
      await eventually(async () => expect(await pings('new', address)).toBe(true), {
        within: 20_000,
      });
  });

  test('an old host and the new ones reach each other by IPv4', async () => {
    for (const [from, to] of [
      ...[['old', 'light'] as const, ['old', 'new'] as const],
      ...[['light', 'old'] as const, ['new', 'old'] as const],
    ])
      await eventually(async () => expect(await pings(from, four(to))).toBe(true), {
        within: 20_000,
      });
  });

  test('a rule is for both families', async () => {
    const before = plane.bundleOf('other').inbound;
    plane.change('other', {
      inbound: [{ port: 'any', protocol: 'any', from: { host: 'light' } }],
    });
    for (const address of [four('other'), six('other')])
      await eventually(async () => expect(await pings('new', address)).toBe(false), {
        within: 20_000,
      });
    expect(await pings('light', six('other'))).toBe(true);

    plane.change('other', { inbound: before });
    await eventually(async () => expect(await pings('new', six('other'))).toBe(true));
  });

  test('nobody is reached by an IPv6 address past the network', async () => {
    const ip = (on: Name, ...args: string[]) => lab.hosts[on].exec('ip', ['-6', ...args]);
    await ip('new', 'addr', 'add', 'fd00:99::1/64', 'dev', 'eth0', 'nodad');
    await ip('old', 'addr', 'add', 'fd00:99::2/64', 'dev', 'eth0', 'nodad');
    await ip('old', 'route', 'add', `${six('new')}/128`, 'via', 'fd00:99::1');

    expect(await pings('old', 'fd00:99::1')).toBe(true);
    expect(await pings('old', six('new'))).toBe(false);
  });

  test('a revoked host is cut off in both families at once', async () => {
    const pingsOf = await Promise.all([
      startPing(lab.hosts.other, six('new')),
      startPing(lab.hosts.other, four('new')),
    ]);
    const began = Date.now();

    plane.revoke('other');

    for (const ping of pingsOf) expect((await ping.lastAnswer()) - began).toBeLessThan(3_000);
  });
});

requires('nebula', 'namespaces')('a network of P-256', () => {
  test('hosts make keys of its curve, and renew them', async () => {
    const hosts = ['light', 'new'] as const;
    const lab = await createLab({ hosts });
    const port = randomInt(20_000, 60_000);
    const endpoint = `${lab.hosts.light.address}:${port}`;
    const plane = controlPlane({
      ...{ network: 'home', prefix: '10.79.0', prefix6: 'fd00:79::', curve: 'p256' },
      ...{ port, endpoint, lifetimeSeconds: 12 },
    });
    const server = await startServer(plane.mount, { host: lab.gateway });
    const where = ['--server', server.url.origin, '--pin', fingerprintOf(server.certificate)];
    const machines = {
      light: labMachine(lab.hosts.light, nebulaPrograms('1.11').nebula),
      new: labMachine(lab.hosts.new, nebulaPrograms('1.9').nebula),
    };
    for (const name of hosts) await machines[name].connect('home', name, ...where, '--code', CODE);
    const first = plane.bundleOf('new').certificate;

    const ping = await startPing(lab.hosts.new, '10.79.0.1');
    await eventually(
      async () => {
        expect(plane.bundleOf('new').certificate).not.toBe(first);
        expect(plane.reportOf('new')?.bundleVersion).toBeGreaterThanOrEqual(2);
      },
      { within: 30_000 },
    );

    expect(parseCertificate(plane.bundleOf('new').certificate).curve).toBe('p256');
    expect(await ping.largestGap()).toBeLessThan(2_000);
    await Promise.all(Object.values(machines).map((each) => each.disconnect()));
    await server[Symbol.asyncDispose]();
    await lab.close();
  });
});

requires('nebula', 'namespaces')('a lighthouse that is reached by IPv6 alone', () => {
  test.each(nebulaVersions)('is met by hosts with nebula %s', async (version) => {
    const hosts = ['light', 'new'] as const;
    const lab = await createLab({ hosts });
    for (const [index, name] of hosts.entries()) {
      const address = `fd00:99::${index + 1}/64`;
      await lab.hosts[name].exec('ip', ['-6', 'addr', 'add', address, 'dev', 'eth0', 'nodad']);
    }
    const port = randomInt(20_000, 60_000);
    const plane = controlPlane({
      ...{ network: 'home', prefix: '10.79.0', port, endpoint: `[fd00:99::1]:${port}` },
    });
    const server = await startServer(plane.mount, { host: lab.gateway });
    const where = ['--server', server.url.origin, '--pin', fingerprintOf(server.certificate)];
    const { nebula } = nebulaPrograms(version);
    const machines = hosts.map((name) => labMachine(lab.hosts[name], nebula));
    for (const [index, name] of hosts.entries())
      await machines[index]?.connect('home', name, ...where, '--code', CODE);

    await eventually(async () =>
      expect((await lab.hosts.new.exec('ping', ['-c1', '-W1', '10.79.0.1'])).code).toBe(0),
    );

    await Promise.all(machines.map((each) => each.disconnect()));
    await server[Symbol.asyncDispose]();
    await lab.close();
  });
});
