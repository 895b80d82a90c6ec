import { execFileSync } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@cep/testing/eventually';
import { createLab, type Lab } from '@cep/testing/lab';
import { nebulaPrograms } from '@cep/testing/nebula';
import { startPing } from '@cep/testing/ping';
import { requires } from '@cep/testing/requires';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { fingerprintOf } from '../certificate.ts';
import { type LabMachine, labMachine } from '../machine.fixture.ts';
import { type FixtureServer, startServer } from '../server.fixture.ts';
import { CODE, controlPlane } from './control-plane.fixture.ts';
import { hostFolder } from './host-folder.ts';
import { findStrays } from './nebula-process.ts';
import type { HostStatus } from './status.ts';

// Each command is a process of its own.
jest.setTimeout(60_000);

/** No connection is away for longer. */
const GAP_MS = 500;
const DAY_SECONDS = 86_400;

requires('nebula', 'namespaces')('an agent on bad days', () => {
  const port = randomInt(20_000, 60_000);
  const nebula = nebulaPrograms('1.9').nebula;
  let lab: Lab<'light' | 'peer'>;
  let light: LabMachine;
  let peer: LabMachine;
  let server: FixtureServer;
  let plane: ReturnType<typeof controlPlane>;
  /** What is to be taken down, however far a test came. */
  const made: (() => PromiseLike<unknown>)[] = [];

  beforeEach(async () => {
    lab = await createLab({ hosts: ['light', 'peer'] });
    made.push(lab.close);
    const endpoint = `${lab.hosts.light.address}:${port}`;
    plane = controlPlane({ network: 'home', prefix: '10.77.0', port, endpoint });
    server = await startServer(plane.mount, { host: lab.gateway });
    made.push(() => server[Symbol.asyncDispose]());
    light = labMachine(lab.hosts.light, nebula);
    peer = labMachine(lab.hosts.peer, nebula);
    made.push(light.disconnect, peer.disconnect);
    await light.connect('home', 'light', ...where(server));
    await peer.connect('home', 'peer', ...where(server));
  });
  afterEach(async () => {
    for (const takeDown of made.splice(0).reverse()) await takeDown();
  });

  const where = ({ url, certificate }: FixtureServer) => [
    ...['--server', url.origin, '--pin', fingerprintOf(certificate), '--code', CODE],
  ];
  const status = async (): Promise<HostStatus> =>
    JSON.parse((await peer.cep('host', 'status', 'home', '--json')).stdout).hosts[0];
  const running = (version: number, problem?: unknown) =>
    eventually(
      async () => {
        expect(plane.reportOf('peer')?.bundleVersion).toBe(version);
        expect(plane.reportOf('peer')?.problem).toEqual(problem);
      },
      { within: 20_000 },
    );
  const NO_RULES = { inbound: [] };

  test('without the control plane everything goes on, and what it says later is done', async () => {
    const ping = await startPing(lab.hosts.peer, '10.77.0.1');
    await server[Symbol.asyncDispose]();
    await eventually(async () => expect((await status()).connected).toBe(false));
    plane.change('peer', NO_RULES);

    server = await startServer(plane.mount, {
      host: lab.gateway,
      port: Number(server.url.port),
      tls: server.tls,
    });

    await running(2);
    expect(await ping.largestGap()).toBeLessThan(GAP_MS);
    expect(await status()).toMatchObject({ connected: true, bundleVersion: 2, problem: null });
  });

  test('what nebula would not start with is refused, and what comes next is not', async () => {
    const ping = await startPing(lab.hosts.peer, '10.77.0.1');

    plane.change('peer', { authorities: 'nothing of the sort' });
    await running(1, expect.stringContaining('PEM'));
    plane.change('peer', { authorities: plane.bundleOf('light').authorities, ...NO_RULES });

    await running(3);
    expect(await ping.largestGap()).toBeLessThan(GAP_MS);
  });

  test('who floods a host with junk keeps it from nothing', async () => {
    const ping = await startPing(lab.hosts.peer, '10.77.0.1');
    const header = Buffer.from('10000000000000000000000000000001', 'hex');
    const socket = createSocket('udp4');
    const flood = setInterval(() => {
      const junk = Buffer.concat([header, randomBytes(120)]);
      socket.send(junk, port, lab.hosts.light.address);
    }, 10);

    plane.change('light', { blocklist: ['0'.repeat(64)] });

    await eventually(async () => expect(plane.reportOf('light')?.bundleVersion).toBe(2));
    clearInterval(flood);
    socket.close();
    expect(plane.reportOf('light')?.problem).toBeUndefined();
    expect(await ping.largestGap()).toBeLessThan(GAP_MS);
    const log = readFileSync(hostFolder(light.home, 'home', 'light').log, 'utf8');
    expect(log).toMatch(/level=error/);
    expect(log).not.toContain('started anew');
  });

  test('what was in use before is refused when it is sent again', async () => {
    const first = plane.bundleOf('peer');
    plane.change('peer', NO_RULES);
    await running(2);

    plane.replay('peer', first);

    await running(2, expect.stringContaining('older than version 2'));
    const blocked = await lab.hosts.light.exec('ping', ['-c1', '-W1', '10.77.0.2']);
    expect(blocked.code).toBe(1);
    plane.change('peer', { inbound: first.inbound });
    await running(3);
  });

  test('what nebula does not come back with is undone', async () => {
    const taken = randomInt(20_000, 60_000);
    const script = `require('dgram').createSocket('udp4').bind(${taken}, () => console.log('bound'))`;
    const holder = lab.hosts.peer.spawn(process.execPath, ['-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (holder.stdout) await once(holder.stdout, 'data');

    plane.change('peer', { host: { ...plane.bundleOf('peer').host, port: taken } });

    await running(1, expect.stringContaining('version 1 was put back'));
    await eventually(async () => {
      expect((await lab.hosts.peer.exec('ping', ['-c1', '-W1', '10.77.0.1'])).code).toBe(0);
    });
  });

  test('a clock that is behind is called that, and what was in use goes on', async () => {
    const ping = await startPing(lab.hosts.peer, '10.77.0.1');

    plane.certifyFrom('peer', Math.floor(Date.now() / 1000) + DAY_SECONDS);

    await running(1, expect.stringContaining('clock of this machine is behind'));
    expect(await ping.largestGap()).toBeLessThan(GAP_MS);
  });

  test('a nebula that is killed is started again, and the problem told and taken back', async () => {
    const [first] = findStrays(hostFolder(peer.home, 'home', 'peer'));

    process.kill(first?.pid ?? 0, 'SIGKILL');

    await running(1, expect.stringContaining('SIGKILL'));
    await running(1);
  });

  test('a nebula that has lost its file gets what it ran last, not what it began with', async () => {
    plane.change('peer', NO_RULES);
    await running(2);
    const { config } = hostFolder(peer.home, 'home', 'peer');
    rmSync(config);
    const [first] = findStrays(hostFolder(peer.home, 'home', 'peer'));

    process.kill(first?.pid ?? 0, 'SIGKILL');

    await eventually(async () => expect(readFileSync(config, 'utf8')).toContain('inbound: []'));
  });

  test('an agent that is killed while it works is healed by the next', async () => {
    const ping = await startPing(lab.hosts.peer, '10.77.0.1');
    const { pid } = await status();
    plane.change('peer', NO_RULES);
    process.kill(pid ?? 0, 'SIGKILL');
    await sleep(2_000);
    expect(await ping.largestGap()).toBeLessThan(GAP_MS);

    await peer.connect('home', 'peer');

    await running(2);
  });

  test('on a full disk it goes on as it is, until there is room', async () => {
    const { path } = hostFolder(peer.home, 'home', 'peer');
    await peer.cep('host', 'disconnect', 'home', 'peer');
    // The folder, with what is in it, on a disk of its own.
    renameSync(path, `${path}.big`);
    mkdirSync(path);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', path]);
    cpSync(`${path}.big`, path, { recursive: true });
    await peer.connect('home', 'peer');
    const ping = await startPing(lab.hosts.peer, '10.77.0.1');

    const filler = join(path, 'filler');
    expect(() => writeFileSync(filler, Buffer.alloc(600_000))).toThrow('ENOSPC');
    plane.change('peer', NO_RULES);
    await running(1, expect.stringContaining('ENOSPC'));
    rmSync(filler);

    await running(2);
    expect(await ping.largestGap()).toBeLessThan(GAP_MS);
    await peer.cep('host', 'disconnect', 'home', 'peer');
    execFileSync('umount', [path]);
  });

  test('a machine is on two networks at once', async () => {
    const other = controlPlane({ network: 'work', prefix: '10.78.0', port: port + 1 });
    const second = await startServer(other.mount, { host: lab.gateway });

    const joined = await peer.cep('host', 'connect', 'work', 'peer', ...where(second), '--detach');

    expect(joined).toMatchObject({ code: 0 });
    const { stdout } = await peer.cep('host', 'status', '--json');
    expect(JSON.parse(stdout).hosts).toMatchObject([
      { network: 'home', state: 'running', connected: true },
      { network: 'work', state: 'running', connected: true },
    ]);
    await peer.cep('host', 'disconnect', 'work', 'peer');
    await second[Symbol.asyncDispose]();
  });
});
