import { fork } from 'node:child_process';
import { generateKeyPairSync, type KeyObject, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { UserCaller } from '@cep/contracts/caller';
import { createHost, enrolHost, revokeHost } from '@cep/contracts/hosts';
import { createNetwork } from '@cep/contracts/networks';
import { connect as connectDatabase } from '@cep/database/pool';
import { createClient } from '@cep/http/client';
import { callerSigner } from '@cep/http/sign-caller';
import { type Bench, inFolder, type Measurement } from './bench.ts';
import { type Connected, connect, type Host } from './push/agents.ts';
import type { Settings, Started } from './push/plane.ts';

const HOSTS = 1_000;
const ROUNDS = 20;
const IDLE_SECONDS = 40;

/** For what connecting leaves to be done. */
const SETTLE_MS = 5_000;

/**
 * A thousand connected hosts: how long from the call that revokes another one until each has its new
 * bundle, and what the gateway and the network service take for it.
 */
export const bench: Bench = {
  missing: () =>
    process.env.TEST_POSTGRES_URL ? undefined : 'run it in a rig: pnpm inside-rig pnpm bench push.',
  run: () => inFolder(measure),
};

async function measure(folder: string): Promise<Measurement[]> {
  const database = await makeDatabase(process.env.TEST_POSTGRES_URL ?? '');
  const keys = generateKeyPairSync('ed25519');
  const plane = await startPlane(settings(folder, database.url, keys));
  const sign = callerSigner(pem(keys));
  const client = async () =>
    createClient({ url: new URL(plane.network), token: await sign(alice, 'network') });
  try {
    const first = await client();
    await first.call(createNetwork, { body: { name: 'home', cidr: '10.42.0.0/16' } });
    const start = performance.now();
    const hosts = await enrolAll(first, HOSTS);
    const enrolled = (performance.now() - start) / 1000;
    const thieves = await enrolAll(first, ROUNDS, 'thief');
    const agents = await connectAll(hosts, plane);
    await sleep(SETTLE_MS);
    const cpu = await idleCpu(plane.pid);
    const latencies: number[] = [];
    for (const { name } of thieves) latencies.push(...(await revoke(await client(), name, agents)));
    const [p50, p99] = [0.5, 0.99].map((share) => percentile(latencies, share));
    const rss = rssOf(plane.pid);
    return [
      { name: 'push: enrolled 1,000 hosts', value: enrolled, unit: 's', bound: { atMost: 10 } },
      { name: 'push: to 1,000 hosts, p50', value: p50 ?? Number.NaN, unit: 'ms' },
      {
        ...{ name: 'push: to 1,000 hosts, p99', value: p99 ?? Number.NaN, unit: 'ms' },
        bound: { atMost: 300 },
      },
      { name: 'push: memory', value: rss, unit: 'MB', bound: { atMost: 150 } },
      { name: 'push: idle', value: cpu, unit: '% CPU', bound: { atMost: 2 } },
    ];
  } finally {
    plane.stop();
    await database.close();
  }
}

interface Keys {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const pem = ({ privateKey }: Keys) =>
  privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

const settings = (folder: string, database: string, keys: Keys): Settings => ({
  network: {
    DATABASE_URL: `${database}?options=-c%20search_path%3Dnetwork`,
    GATEWAY_PUBLIC_KEY: keys.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    ...{ HOST: '127.0.0.1', PORT: 0 },
    MASTER_KEY: randomBytes(32).toString('base64'),
    ...{ AUTHORITY_DAYS: 3650, CERTIFICATE_DAYS: 90 },
  },
  gateway: {
    ...{ HOST: '127.0.0.1', PORT: 0, HTTP_PORT: 0, TLS_DIR: folder, NAMES: '' },
    ...{ CALLER_KEY: pem(keys), REQUESTS_PER_MINUTE: 100_000 },
    ...{ ACCOUNTS_URL: NOWHERE, APPS_URL: NOWHERE, NETWORK_URL: NOWHERE },
  },
});

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
}

/** With an empty schema. */
async function makeDatabase(server: string) {
  const log = { info() {}, warn() {}, error() {} };
  const name = `cep_bench_${randomBytes(4).toString('hex')}`;
  const admin = connectDatabase(server, log);
  await admin.query(`create database ${name}`);
  const url = new URL(server);
  url.pathname = name;
  const db = connectDatabase(url.href, log);
  await db.query('create schema network');
  await db.end();
  return {
    url: url.href,
    async close() {
      await admin.query(`drop database ${name} with (force)`);
      await admin.end();
    },
  };
}

const NOWHERE = 'http://127.0.0.1:9';

const alice: UserCaller = {
  ...{ kind: 'user', username: 'alice', role: 'user', projectName: 'home' },
  ...{ userId: randomUUID(), projectId: randomUUID(), tokenId: randomUUID() },
};

interface Plane {
  readonly network: string;
  readonly gateway: string;
  /** PEM, of the gateway. */
  readonly certificate: string;
  readonly pid: number;
  stop(): void;
}

/** Both in one process of their own, as the standalone has them. */
async function startPlane(settings: Settings): Promise<Plane> {
  const child = fork(new URL('push/plane.ts', import.meta.url), {
    execArgv: ['--conditions=source'],
  });
  child.send(settings);
  const [started] = (await once(child, 'message')) as [Started];
  return { ...started, pid: child.pid ?? 0, stop: () => child.kill() };
}

async function enrolAll(
  client: ReturnType<typeof createClient>,
  count: number,
  prefix = 'host',
): Promise<Host[]> {
  const hosts: Host[] = [];
  const names = Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
  const enrolNext = async (): Promise<void> => {
    for (let name = names.shift(); name !== undefined; name = names.shift()) {
      hosts.push(await enrol(client, name));
    }
  };
  if (prefix === 'host') hosts.push(await enrol(client, names.shift() ?? ''));
  await Promise.all(Array.from({ length: 16 }, enrolNext));
  return hosts;
}

async function enrol(client: ReturnType<typeof createClient>, name: string): Promise<Host> {
  const first = name === 'host-0';
  const { host, enrolment } = await client.call(createHost, {
    params: { network: 'home' },
    body: { name, lighthouse: first, groups: [], ...(first && { publicAddress: '203.0.113.7' }) },
  });
  const signing = generateKeyPairSync('ed25519');
  const x = (key: typeof signing.publicKey) => key.export({ format: 'jwk' }).x ?? '';
  const { bundle } = await client.call(enrolHost, {
    params: { network: 'home', host: name },
    body: {
      code: enrolment.code,
      tunnelKey: x(generateKeyPairSync('x25519').publicKey),
      signingKey: x(signing.publicKey),
    },
  });
  const { version } = JSON.parse(
    Buffer.from(bundle.split('.')[1] ?? '', 'base64url').toString(),
  ) as { version: number };
  return { id: host.id, network: 'home', name, signingKey: signing.privateKey, version };
}

async function connectAll(hosts: readonly Host[], plane: Plane): Promise<Connected[]> {
  const agents: Connected[] = [];
  for (let from = 0; from < hosts.length; from += 50) {
    const some = hosts.slice(from, from + 50);
    agents.push(
      ...(await Promise.all(some.map((host) => connect(host, plane.gateway, plane.certificate)))),
    );
  }
  return agents;
}

/** @returns how many milliseconds after the call each agent had the bundle that names the host */
async function revoke(
  client: ReturnType<typeof createClient>,
  host: string,
  agents: readonly Connected[],
): Promise<number[]> {
  await sleep(500);
  const before = agents.map(({ received }) => received);
  const start = performance.now();
  await client.call(revokeHost, { params: { network: 'home', host } });
  while (agents.some(({ received }, index) => received === before[index])) await sleep(5);
  return agents.map(({ at }) => at - start);
}

/** In percent of one processor. */
async function idleCpu(pid: number): Promise<number> {
  const before = cpuSecondsOf(pid);
  await sleep(IDLE_SECONDS * 1000);
  return ((cpuSecondsOf(pid) - before) / IDLE_SECONDS) * 100;
}

/** proc(5): `utime` and `stime`, in ticks of 10 ms. */
function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** In MB. */
function rssOf(pid: number): number {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}
