import { randomInt } from 'node:crypto';
import { chmodSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
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
import { fingerprintOf } from '../../certificate.ts';
import { type LabMachine, labMachine } from '../../machine.fixture.ts';
import { type FixtureServer, startServer } from '../../server.fixture.ts';
import { CODE, controlPlane } from '../control-plane.fixture.ts';
import { hostFolder } from '../host-folder.ts';
import { findStrays } from '../nebula-process.ts';
import type { HostStatus } from '../status.ts';
import { type WholeMachine, wholeMachine } from '../whole-machine.fixture.ts';

// Each command is a process of its own.
jest.setTimeout(60_000);

const silent = { info() {}, warn() {}, error() {} };

const namesOf = (prefix: string, ...more: string[]) =>
  packNames({
    addresses: ['light', 'peer', ...more].map((name, index) => ({
      name,
      addresses: [`${prefix}.${index + 1}`],
    })),
    records: [{ name: 'www', type: 'CNAME', value: 'light.home', ttl: 60 }],
  });

requires(
  'nebula',
  'namespaces',
  'dns-clients',
)('names on a machine', () => {
  const port = randomInt(20_000, 60_000);
  const nebula = nebulaPrograms('1.9').nebula;
  const servers: FixtureServer[] = [];
  let lab: Lab<'light' | 'peer'>;
  let host: WholeMachine;
  let light: LabMachine;
  let peer: LabMachine;
  let plane: ReturnType<typeof controlPlane>;
  let upstream: RunningDns;
  let plain: string;
  let resolvConf: string;

  beforeEach(async () => {
    lab = await createLab({ hosts: ['light', 'peer'] });
    host = await wholeMachine(lab.hosts.peer);
    upstream = await startDns({
      zones: buildZones([
        {
          domain: 'example.org',
          records: [{ name: 'www', type: 'A', value: '192.0.2.7' }],
        },
      ]),
      addresses: [{ host: lab.gateway, port: 53 }],
      log: silent,
    });
    plain = `# made by hand\nsearch lan\nnameserver ${lab.gateway}\noptions timeout:1`;
    resolvConf = join(host.etc, 'resolv.conf');
    writeFileSync(resolvConf, plain, { mode: 0o644 });
    light = labMachine(lab.hosts.light, nebula);
    peer = labMachine(host, nebula);
    plane = await makeNetwork('home', '10.77.0', port);
  });
  afterEach(async () => {
    await Promise.all([light.disconnect(), peer.disconnect()]);
    for (const server of servers.splice(0)) await server[Symbol.asyncDispose]();
    await upstream.stop();
    await host.stop();
    await lab.close();
  });

  /** Makes a network that both machines may join; the first is its lighthouse. */
  async function makeNetwork(network: string, prefix: string, udpPort: number) {
    const endpoint = `${lab.hosts.light.address}:${udpPort}`;
    const names = namesOf(prefix);
    const made = controlPlane({ network, prefix, port: udpPort, endpoint, names });
    servers.push(await startServer(made.mount, { host: lab.gateway }));
    await light.connect(network, 'light', ...where());
    return made;
  }
  const where = () => {
    const { url, certificate } = servers.at(-1) as FixtureServer;
    return ['--server', url.origin, '--pin', fingerprintOf(certificate), '--code', CODE];
  };
  const connect = (...flags: string[]) =>
    peer.cep('host', 'connect', 'home', 'peer', ...where(), '--detach', ...flags);
  const status = async (): Promise<HostStatus> =>
    JSON.parse((await peer.cep('host', 'status', 'home', '--json')).stdout).hosts[0];
  const text = () => readFileSync(resolvConf, 'latin1');

  /** As programs find it that ask the C library. */
  const find = async (name: string) => {
    const { stdout } = await host.exec('getent', ['ahostsv4', name]);
    return stdout.split(/\s/)[0];
  };
  const finds = (name: string, address: string) =>
    eventually(async () => expect(await find(name)).toBe(address));

  test('hosts are found by name, there and back, and everything else as before', async () => {
    expect(await connect()).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('peer.home'),
    });

    expect(await find('light.home')).toBe('10.77.0.1');
    expect(await find('LIGHT.Home.')).toBe('10.77.0.1');
    expect(await find('www.home')).toBe('10.77.0.1');
    expect(await find('www.example.org')).toBe('192.0.2.7');
    expect(await find('nobody.home')).toBe('');
    expect((await host.exec('getent', ['hosts', '10.77.0.1'])).stdout).toMatch(/light\.home/);
    await eventually(async () => {
      expect((await host.exec('ping', ['-c1', '-W1', 'light.home'])).code).toBe(0);
    });
    const script = `console.log((await (await import('node:dns')).promises.resolve4(process.argv[1])).join())`;
    const cares = (name: string) =>
      host.exec(process.execPath, ['--input-type=module', '-e', script, name]);
    expect((await cares('light.home')).stdout).toBe('10.77.0.1\n');
    expect((await cares('www.example.org')).stdout).toBe('192.0.2.7\n');
    expect(await status()).toMatchObject({
      name: 'peer.home',
      names: { resolver: 'resolv.conf', hint: null },
    });
  });

  test.each(['TEST_DIG', 'TEST_KDIG'])('other hosts ask ours by %s', async (program) => {
    await connect();

    await eventually(async () => {
      const args = ['@10.77.0.2', 'light.home', '+short'];
      const { stdout } = await lab.hosts.light.exec(fromRig(program), args);
      expect(stdout.trim()).toBe('10.77.0.1');
    });
  });

  test('names go on without the control plane, and change without a word to nebula', async () => {
    await connect();
    const { path, log } = hostFolder(peer.home, 'home', 'peer');
    const config = statSync(join(path, 'nebula.yml')).ino;
    const reloads = () => readFileSync(log, 'utf8').match(/SIGHUP|HUP|Caught signal/g)?.length ?? 0;
    const before = reloads();

    plane.change('peer', { names: namesOf('10.77.0', 'printer') });

    await finds('printer.home', '10.77.0.3');
    await eventually(async () => expect(plane.reportOf('peer')?.bundleVersion).toBe(2));
    expect(statSync(join(path, 'nebula.yml')).ino).toBe(config);
    expect(reloads()).toBe(before);
    for (const server of servers.splice(0)) await server[Symbol.asyncDispose]();
    await peer.cep('host', 'disconnect', 'home', 'peer');
    expect(await peer.cep('host', 'connect', 'home', 'peer', '--detach')).toMatchObject({
      code: 0,
    });
    await finds('printer.home', '10.77.0.3');
  });

  test('after a disconnect the resolver is what it was, to the byte', async () => {
    writeFileSync(resolvConf, Buffer.from(`${plain}\n# \xff\xfe`, 'latin1'));
    chmodSync(resolvConf, 0o640);
    const before = text();
    await connect();
    expect(text()).not.toBe(before);
    expect(statSync(resolvConf).mode & 0o777).toBe(0o640);

    await peer.cep('host', 'disconnect', 'home', 'peer');

    expect(text()).toBe(before);
    expect(statSync(resolvConf).mode & 0o777).toBe(0o640);
    expect(await find('www.example.org')).toBe('192.0.2.7');
  });

  test('an agent that was killed keeps nobody from finding the rest, and is healed', async () => {
    await connect();
    const kill = async () => {
      const { pid } = await status();
      const [nebulaProcess] = findStrays(hostFolder(peer.home, 'home', 'peer'));
      await host.exec('kill', ['-9', String(pid)]);
      process.kill(nebulaProcess?.pid ?? 0, 'SIGKILL');
    };
    await kill();

    const began = Date.now();
    expect(await find('www.example.org')).toBe('192.0.2.7');
    // Whoever waits for a server that is gone waits five seconds.
    expect(Date.now() - began).toBeLessThan(3_000);
    await peer.cep('host', 'connect', 'home', 'peer', '--detach');
    await finds('light.home', '10.77.0.1');
    expect(text().match(/^nameserver/gm)).toHaveLength(2);
    await kill();
    await peer.cep('host', 'disconnect', 'home', 'peer');
    expect(text()).toBe(plain);
  });

  test('a machine finds the names of two networks at once', async () => {
    await connect();
    await makeNetwork('work', '10.78.0', port + 1);
    const joined = await peer.cep('host', 'connect', 'work', 'peer', ...where(), '--detach');

    expect(joined).toMatchObject({ code: 0 });
    await finds('light.home', '10.77.0.1');
    await finds('light.work', '10.78.0.1');
    for (const [name, address] of [
      ['light.home', '10.77.0.1'],
      ['light.work', '10.78.0.1'],
      ['www.example.org', '192.0.2.7'],
      ['nobody.example.org', ''],
    ] as const)
      for (const more of ['+notcp', '+tcp']) {
        const { stdout } = await host.exec(fromRig('TEST_DIG'), [name, '+short', more]);
        expect([name, more, stdout.trim()]).toEqual([name, more, address]);
      }
    expect(await find('www.example.org')).toBe('192.0.2.7');
    await peer.cep('host', 'disconnect', 'home', 'peer');
    expect(await find('light.work')).toBe('10.78.0.1');
    expect(await find('light.home')).toBe('');
    await peer.cep('host', 'disconnect', 'work', 'peer');
    expect(text()).toBe(plain);
  });

  test.each<[string, () => void, string]>([
    [
      'a file that others keep',
      () => writeFileSync(resolvConf, `# Generated by NetworkManager\n${plain}`),
      'another program keeps it',
    ],
    [
      'a link',
      () => {
        renameSync(resolvConf, join(host.etc, 'real.conf'));
        symlinkSync('real.conf', resolvConf);
      },
      'link to real.conf',
    ],
  ])('%s is left alone, and connect says what to do', async (_what, prepare, why) => {
    prepare();
    const before = text();

    const { code, stdout } = await connect();

    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining(why) });
    expect(stdout).toContain('ask 10.77.0.2 about "home"');
    expect(text()).toBe(before);
    const args = ['@10.77.0.2', 'light.home', '+short'];
    expect((await host.exec(fromRig('TEST_DIG'), args)).stdout.trim()).toBe('10.77.0.1');
  });

  test('with --no-dns the resolver is left alone, also the next time', async () => {
    expect(await connect('--no-dns')).toMatchObject({ code: 0 });
    await peer.cep('host', 'disconnect', 'home', 'peer');
    await peer.cep('host', 'connect', 'home', 'peer', '--detach');

    expect((await status()).names).toMatchObject({ answersAt: ['10.77.0.2'], resolver: null });
    expect(text()).toBe(plain);
    await peer.cep('host', 'disconnect', 'home', 'peer');
    await peer.cep('host', 'connect', 'home', 'peer', '--detach', '--dns');
    await finds('light.home', '10.77.0.1');
  });

  test('an older control plane says no names, and the resolver is left alone', async () => {
    const old = controlPlane({ network: 'old', prefix: '10.79.0', port: port + 2 });
    servers.push(await startServer(old.mount, { host: lab.gateway }));

    const joined = await peer.cep('host', 'connect', 'old', 'peer', ...where(), '--detach');

    expect(joined).toMatchObject({ code: 0 });
    expect(text()).toBe(plain);
    await peer.cep('host', 'disconnect', 'old', 'peer');
  });
});
