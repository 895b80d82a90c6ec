import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { certificatePem } from '@cep/nebula/certificates';
import { type Authority, issueCa, issueHost } from '@cep/nebula/issue';
import { privateKeyPem } from '@cep/nebula/key-pem';
import { generateCaKeys, generateHostKeys } from '@cep/nebula/keys';
import { type Bench, inFolder, type Measurement, median } from './bench.ts';

const ROUNDS = 7;
const SECONDS = 2;
const HOSTS = 1_000;
const LIGHTHOUSE = '10.42.0.1';

const { TEST_NEBULA_1_6 = '', TEST_NEBULA_1_9 = '', TEST_NEBULA_1_11 = '' } = process.env;
const versions = { '1.6': TEST_NEBULA_1_6, '1.9': TEST_NEBULA_1_9, '1.11': TEST_NEBULA_1_11 };
type Version = keyof typeof versions;
const names = Object.keys(versions) as Version[];

const run = promisify(execFile);

/** Answers a second, by `dnsperf`: ours about 1,000 hosts, a lighthouse's about the one that it knows. */
export const bench: Bench = {
  missing() {
    if (availableParallelism() < 2) return 'two processors are needed.';
    if (spawnSync('dnsperf', ['-h']).error) return 'install the Debian package dnsperf.';
    const all = names.every((version) => versions[version]);
    return all ? undefined : 'run it inside the rig: pnpm inside-rig pnpm bench dns.';
  },
  run: () => inFolder(compare),
};

async function compare(folder: string): Promise<Measurement[]> {
  const children: ChildProcess[] = [];
  try {
    const port = await startOurs(children);
    const hosts = Array.from({ length: HOSTS }, (_, index) => `host-${index}.home`);
    const ours = await questions(folder, { port, hosts });
    const theirs = await startTheirs(folder, children);
    const rounds: Round[] = [];
    await ours(); // warms up
    for (let round = 0; round < ROUNDS; round += 1)
      for (const version of names)
        rounds.push({ version, ours: await ours(), theirs: await theirs[version]() });
    return judged(rounds);
  } finally {
    await Promise.all(children.map(end));
  }
}

/** Ours and one of theirs, one right after the other, in answers a second. */
interface Round {
  readonly version: Version;
  readonly ours: number;
  readonly theirs: number;
}

function judged(rounds: readonly Round[]): Measurement[] {
  const ours = median(rounds.map((round) => round.ours));
  const peers = names.map((version) => {
    const own = rounds.filter((round) => round.version === version);
    const theirs = Math.round(median(own.map((round) => round.theirs)));
    return {
      text: `${version} ${theirs}/s`,
      ratio: median(own.map((round) => round.ours / round.theirs)),
    };
  });
  const peer = `nebula's lighthouse: ${peers.map(({ text }) => text).join(', ')}`;
  const ratio = Math.min(...peers.map((each) => each.ratio));
  return [
    { name: 'dns: answers on one processor', value: ours, unit: '1/s', peer },
    {
      name: 'dns: against the fastest of three nebulas',
      value: ratio,
      unit: 'x',
      bound: { atLeast: 1.5 },
      peer,
    },
  ];
}

async function startOurs(children: ChildProcess[]): Promise<number> {
  const program = fileURLToPath(new URL('dns-server.ts', import.meta.url));
  const child = pinned(process.execPath, ['--conditions=source', program, String(HOSTS)]);
  children.push(child);
  const [port] = await once(child, 'message');
  return port;
}

/** Servers have one processor and the load another: else the load, the dearer of the two, is measured. */
const [SERVER_CPU, LOAD_CPU] = ['0', '1'];

const pinned = (program: string, args: readonly string[]): ChildProcess =>
  spawn('taskset', ['-c', SERVER_CPU, program, ...args], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });

/** Prepares what measures one server: how many of these questions it answers in a second. */
async function questions(
  folder: string,
  { port, hosts }: { port: number; hosts: readonly string[] },
): Promise<() => Promise<number>> {
  const file = join(folder, `questions-${port}`);
  await writeFile(file, hosts.map((host) => `${host} A\n`).join(''));
  const server = ['-s', '127.0.0.1', '-p', String(port), '-d', file];
  return async () => {
    const load = ['-l', String(SECONDS), '-c', '8', '-q', '200'];
    const { stdout } = await run('taskset', ['-c', LOAD_CPU, 'dnsperf', ...server, ...load]);
    const answered = /Response codes: +NOERROR \d+ \(100.00%\)/.test(stdout);
    const [, perSecond] = /Queries per second: +([\d.]+)/.exec(stdout) ?? [];
    if (!answered || !perSecond) throw new Error(`not every answer is one:\n${stdout}`);
    return Number(perSecond);
  };
}

/** Of each version a lighthouse that answers DNS, and a host that it knows by a handshake. */
async function startTheirs(folder: string, children: ChildProcess[]) {
  const now = Math.floor(Date.now() / 1000);
  const validity = { notBefore: now - 60, notAfter: now + 3_600 };
  const authority = issueCa(
    { version: 1, name: 'home', networks: ['10.42.0.0/16'], ...validity },
    generateCaKeys(),
  );
  const start = async (version: Version) => {
    const [listen, port] = [await freePort(), await freePort()];
    const dns = { host: '127.0.0.1', port };
    const lighthouse = { am_lighthouse: true, serve_dns: true, dns };
    const client = { hosts: [LIGHTHOUSE], interval: 1 };
    const map = { [LIGHTHOUSE]: [`127.0.0.1:${listen}`] };
    const host = (settings: object, name: string, address: string) =>
      writeHost(join(folder, `${version}-${name}`), { authority, name, address, settings });
    const configs = [
      await host({ lighthouse, listen: { host: '127.0.0.1', port: listen } }, 'sun', LIGHTHOUSE),
      await host({ lighthouse: client, static_host_map: map }, 'alpha', '10.42.0.2'),
    ];
    for (const config of configs)
      children.push(pinned(join(versions[version], 'nebula'), ['-config', config]));
    await known(port);
    return questions(folder, { port, hosts: ['alpha'] });
  };
  return { '1.6': await start('1.6'), '1.9': await start('1.9'), '1.11': await start('1.11') };
}

/** Writes a host's files, and returns the path of its configuration. It makes no network interface. */
async function writeHost(
  path: string,
  host: { authority: Authority; name: string; address: string; settings: object },
): Promise<string> {
  const { notBefore, notAfter } = host.authority.certificate;
  const keys = generateHostKeys();
  const { publicKey } = keys;
  const networks = [`${host.address}/16`];
  const certificate = issueHost(host.authority, {
    ...{ name: host.name, networks, groups: [], publicKey, notBefore, notAfter },
  });
  const everything = [{ port: 'any', proto: 'any', host: 'any' }];
  const config = {
    pki: {
      ca: certificatePem(host.authority.certificate),
      cert: certificatePem(certificate),
      key: privateKeyPem('host', keys),
    },
    listen: { host: '127.0.0.1', port: 0 },
    tun: { disabled: true },
    firewall: { inbound: everything, outbound: everything },
    ...host.settings,
  };
  // JSON is YAML.
  await writeFile(path, JSON.stringify(config), { mode: 0o600 });
  return path;
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((resolve) => void socket.close(resolve));
  return port;
}

/** Waits until the lighthouse has met the host. */
async function known(port: number): Promise<void> {
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([`127.0.0.1:${port}`]);
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if ((await resolver.resolve4('alpha').catch(() => [])).length > 0) return;
    await sleep(100);
  }
  throw new Error('the lighthouse never met its host');
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  if (child.kill()) await ended;
}
