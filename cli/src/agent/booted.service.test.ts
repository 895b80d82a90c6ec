import { randomInt } from 'node:crypto';
import { existsSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packNames } from '@cep/dns/network-names';
import { type RunningDns, startDns } from '@cep/dns/server';
import { buildZones } from '@cep/dns/zone';
import { eventually } from '@cep/testing/eventually';
import { fromRig } from '@cep/testing/from-rig';
import { createLab, type Lab } from '@cep/testing/lab';
import { nebulaPrograms } from '@cep/testing/nebula';
import { requires } from '@cep/testing/requires';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { fingerprintOf } from '../certificate.ts';
import { type LabMachine, labMachine } from '../machine.fixture.ts';
import { type FixtureServer, startServer } from '../server.fixture.ts';
import { bootedMachine } from './booted-machine.fixture.ts';
import { CODE, controlPlane } from './control-plane.fixture.ts';
import type { HostStatus } from './status.ts';
import type { WholeMachine } from './whole-machine.fixture.ts';

// Each command is a process of its own.
jest.setTimeout(60_000);

const silent = { info() {}, warn() {}, error() {} };
const SERVICE = 'cep-home-peer.service';

requires(
  'nebula',
  'namespaces',
  'systemd',
  'dns-clients',
)('a machine that systemd has booted', () => {
  const nebula = nebulaPrograms('1.9').nebula;
  let lab: Lab<'light' | 'peer'>;
  let host: WholeMachine;
  let light: LabMachine;
  let peer: LabMachine;
  let server: FixtureServer;
  let upstream: RunningDns;

  beforeEach(async () => {
    lab = await createLab({ hosts: ['light', 'peer'] });
    host = await bootedMachine(lab.hosts.peer);
    upstream = await startDns({
      zones: buildZones([
        { domain: 'example.org', records: [{ name: 'www', type: 'A', value: '192.0.2.7' }] },
      ]),
      addresses: [{ host: lab.gateway, port: 53 }],
      log: silent,
    });
    light = labMachine(lab.hosts.light, nebula);
    // Nothing of what systemd reads in a unit is a letter like the others here.
    peer = labMachine(host, nebula, `cep 100% %h $HOME \${x} 'y' "z" \\n `);
    const port = randomInt(20_000, 60_000);
    const names = packNames({
      addresses: ['light', 'peer'].map((name, index) => ({
        name,
        addresses: [`10.77.0.${index + 1}`],
      })),
      records: [],
    });
    const endpoint = `${lab.hosts.light.address}:${port}`;
    const plane = controlPlane({ network: 'home', prefix: '10.77.0', port, endpoint, names });
    server = await startServer(plane.mount, { host: lab.gateway });
    await light.connect('home', 'light', ...where());
  });
  afterEach(async () => {
    await Promise.all([light.disconnect(), peer.disconnect()]);
    await server[Symbol.asyncDispose]();
    await upstream.stop();
    await host.stop();
    await lab.close();
  });

  const where = () => {
    const { url, certificate } = server;
    return ['--server', url.origin, '--pin', fingerprintOf(certificate), '--code', CODE];
  };
  const status = async (): Promise<HostStatus> =>
    JSON.parse((await peer.cep('host', 'status', 'home', '--json')).stdout).hosts[0];
  const systemctl = async (...args: string[]) => (await host.exec('systemctl', args)).stdout.trim();
  const pings = () =>
    eventually(async () =>
      expect(await lab.hosts.light.exec('ping', ['-c1', '-W1', '10.77.0.2'])).toMatchObject({
        code: 0,
      }),
    );

  test('a service connects it, again after a kill, and whenever the machine starts', async () => {
    await peer.connect('home', 'peer', ...where());
    const before = await status();

    expect(await peer.cep('host', 'install-service', 'home', 'peer')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`journalctl -u ${SERVICE}`),
    });

    await pings();
    const { pid } = await status();
    expect(pid).not.toBe(before.pid);
    expect(await systemctl('show', '--property=MainPID', '--value', SERVICE)).toBe(`${pid}`);
    await host.exec('kill', ['-9', `${pid}`]);
    await eventually(async () => expect((await status()).state).toBe('running'), {
      within: 10_000,
    });
    expect((await status()).pid).not.toBe(pid);
    await pings();
    // What a start of the machine does.
    await systemctl('stop', SERVICE);
    expect((await status()).state).not.toBe('running');
    await systemctl('restart', 'multi-user.target');
    await eventually(async () => expect((await status()).state).toBe('running'));
    await pings();
    expect(await peer.cep('host', 'uninstall-service', 'home', 'peer')).toMatchObject({ code: 0 });
    expect(existsSync(join(host.etc, 'systemd/system', SERVICE))).toBe(false);
    expect(await systemctl('is-active', SERVICE)).toBe('inactive');
    expect((await status()).state).not.toBe('running');
  });

  test('systemd-resolved asks us about the network, and others about the rest', async () => {
    writeFileSync(
      join(host.etc, 'systemd/resolved.conf'),
      `[Resolve]\nDNS=${lab.gateway}\nLLMNR=no\nMulticastDNS=no\nCache=no\n`,
    );
    rmSync(join(host.etc, 'resolv.conf'));
    symlinkSync('../run/systemd/resolve/stub-resolv.conf', join(host.etc, 'resolv.conf'));
    await systemctl('restart', 'systemd-resolved');
    const find = async (name: string) =>
      (await host.exec('getent', ['ahostsv4', name])).stdout.split(/\s/)[0];
    const domains = async () => (await host.exec('resolvectl', ['domain', 'nebula-home'])).stdout;

    await peer.connect('home', 'peer', ...where());

    expect((await status()).names).toMatchObject({ resolver: 'systemd-resolved', hint: null });
    expect(await find('light.home')).toBe('10.77.0.1');
    expect(await find('nobody.home')).toBe('');
    expect(await find('www.example.org')).toBe('192.0.2.7');
    expect((await host.exec('getent', ['hosts', '10.77.0.1'])).stdout).toMatch(/light\.home/);
    const { stdout } = await host.exec(fromRig('TEST_DIG'), ['light.home', '+short', '+tcp']);
    expect(stdout.trim()).toBe('10.77.0.1');
    expect(await domains()).toContain('~home');

    // A resolver that was restarted has forgotten what it was told.
    await systemctl('restart', 'systemd-resolved');
    await eventually(async () => expect(await find('light.home')).toBe('10.77.0.1'));

    await peer.cep('host', 'disconnect', 'home', 'peer');
    expect(await find('light.home')).toBe('');
    expect(await find('www.example.org')).toBe('192.0.2.7');
  });
});
