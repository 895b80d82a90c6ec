import { setTimeout as sleep } from 'node:timers/promises';
import { revokeHost } from '@cep/contracts/hosts';
import { createNetwork } from '@cep/contracts/networks';
import { type Bench, inFolder, type Measurement } from './bench.ts';
import { type Connected, follow } from './push/agents.ts';
import { bareMemory } from './push/bare.ts';
import { enrol, enrolAll, type Host } from './push/hosts.ts';
import { type Plane, startPlane } from './push/plane.ts';
import { cpuSecondsOf, memoryOf } from './push/process.ts';

const HOSTS = 1_000;
const ROUNDS = 20;
const IN_A_ROW = 100;
const IDLE_SECONDS = 40;

/** For what connecting leaves to be done. */
const SETTLE_MS = 5_000;

/**
 * A thousand connected hosts: how long from the call that revokes another one until each has its new
 * bundle, what the gateway and the network service take for it, and how long all of them take to
 * come back when the gateway dies.
 */
export const bench: Bench = {
  missing: () =>
    process.env.TEST_POSTGRES_URL && process.env.TEST_RABBITMQ_URL
      ? undefined
      : 'run it in a rig: npm run -s inside-rig -- npm run -s bench push.',
  run: () => inFolder(measure),
};

async function measure(folder: string): Promise<Measurement[]> {
  const plane = await startPlane(folder);
  const atStart = memory(plane);
  const agents: Connected[] = [];
  try {
    const { hosts, enrolled } = await enrolEveryone(plane);
    const thieves = await enrolAll(await plane.client(), names('thief', ROUNDS));
    const others = await enrolAll(await plane.client(), names('lost', IN_A_ROW));
    agents.push(...hosts.map((host) => follow(host, plane)));
    await all(agents, ({ isConnected }) => isConnected);
    await sleep(SETTLE_MS);
    return [
      { name: 'push: enrolled 1,000 hosts', value: enrolled, unit: 's', bound: { atMost: 10 } },
      await idle(plane),
      ...(await pushes(plane, thieves, agents)),
      ...(await revokeInARow(plane, others, agents)),
      ...memoryOfBoth(plane, atStart),
      await floor(plane),
      ...(await storm(plane, agents)),
    ];
  } finally {
    for (const { stop } of agents) stop();
    await plane.stop();
  }
}

const names = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

async function enrolEveryone(plane: Plane) {
  const client = await plane.client();
  await client.call(createNetwork, { body: { name: 'home', cidr: '10.42.0.0/16' } });
  const start = performance.now();
  const first = await enrol(client, 'lighthouse', '203.0.113.7');
  const hosts = [first, ...(await enrolAll(client, names('host', HOSTS - 1)))];
  return { hosts, enrolled: (performance.now() - start) / 1000 };
}

/** How long each agent waits, from the call, for the bundle that names a revoked host. */
async function pushes(
  plane: Plane,
  thieves: readonly Host[],
  agents: readonly Connected[],
): Promise<Measurement[]> {
  const latencies: number[] = [];
  for (const { name } of thieves) {
    await sleep(500);
    const before = new Map(agents.map((agent) => [agent, agent.received]));
    const client = await plane.client();
    const start = performance.now();
    await client.call(revokeHost, { params: { network: 'home', host: name } });
    await all(agents, (agent) => agent.received !== before.get(agent));
    latencies.push(...agents.map(({ at }) => at - start));
  }
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
  return [
    { name: 'push: to 1,000 hosts, p50', value: at(0.5), unit: 'ms' },
    { name: 'push: to 1,000 hosts, p99', value: at(0.99), unit: 'ms', bound: { atMost: 300 } },
  ];
}

/** A hundred revoked one after the other: when everyone has the last, and how much they were sent. */
async function revokeInARow(
  plane: Plane,
  hosts: readonly Host[],
  agents: readonly Connected[],
): Promise<Measurement[]> {
  const before = new Map(agents.map(({ host }) => [host, host.version]));
  const receivedBefore = sum(agents.map(({ received }) => received));
  const client = await plane.client();
  const start = performance.now();
  for (const { name } of hosts) {
    await client.call(revokeHost, { params: { network: 'home', host: name } });
  }
  const called = (performance.now() - start) / 1000;
  await all(agents, ({ host }) => host.version >= (before.get(host) ?? 0) + hosts.length);
  const told = (Math.max(...agents.map(({ at }) => at)) - start) / 1000;
  const sent = sum(agents.map(({ received }) => received)) - receivedBefore;
  const peer = `the calls alone: ${called.toFixed(1)} s`;
  return [
    { name: 'push: 100 revoked in a row, all told', value: told, unit: 's', peer },
    { name: 'push: 100 revoked in a row, bundles per host', value: sent / agents.length, unit: '' },
  ];
}

function memoryOfBoth(plane: Plane, before: Measured): Measurement[] {
  const now = memory(plane);
  const peer = `before anybody was there: ${describe(before)}; now: ${describe(now)}`;
  return [
    {
      ...{ name: 'push: memory of both', value: sum(now.map(({ resident }) => resident)) },
      ...{ unit: 'MB', bound: { atMost: 150 }, peer },
    },
    {
      ...{ name: 'push: memory of both, of their own', value: sum(now.map(({ own }) => own)) },
      unit: 'MB',
    },
  ];
}

/** What Node alone takes for the same connections, in two programs with nothing else in them. */
async function floor({ tls }: Plane): Promise<Measurement> {
  const gateway = await bareMemory({ connections: HOSTS, tls });
  const service = await bareMemory({ connections: HOSTS });
  const peer = `${Math.round(gateway)} MB over TLS, ${Math.round(service)} MB without`;
  return { name: 'push: memory of both, of bare Node', value: gateway + service, unit: 'MB', peer };
}

type Measured = readonly ReturnType<typeof memoryOf>[];

const memory = (plane: Plane): Measured =>
  [plane.gateway(), plane.network].map(({ pid }) => memoryOf(pid));

const describe = (programs: Measured) =>
  programs
    .map(({ resident, own }) => `${Math.round(resident)} MB (${Math.round(own)} its own)`)
    .join(' and ');

/** Of both, in percent of one processor. */
async function idle(plane: Plane): Promise<Measurement> {
  const used = () => sum([plane.gateway(), plane.network].map(({ pid }) => cpuSecondsOf(pid)));
  const before = used();
  await sleep(IDLE_SECONDS * 1000);
  const value = ((used() - before) / IDLE_SECONDS) * 100;
  return { name: 'push: idle', value, unit: '% CPU', bound: { atMost: 2 } };
}

/** The gateway is killed and another one started; a host is revoked meanwhile. */
async function storm(plane: Plane, agents: readonly Connected[]): Promise<Measurement[]> {
  const before = new Map(agents.map((agent) => [agent, agent.received]));
  const [thief] = await enrolAll(await plane.client(), ['thief']);
  const start = performance.now();
  const replaced = plane.replaceGateway();
  const params = { network: 'home', host: thief?.name ?? '' };
  await (await plane.client()).call(revokeHost, { params });
  await replaced;
  const down = (performance.now() - start) / 1000;
  await all(agents, (agent) => agent.isConnected && agent.received !== before.get(agent));
  const back = Math.max(...agents.map(({ at, connectedAt }) => Math.max(at, connectedAt)));
  const peer = `the gateway took ${down.toFixed(1)} s to start`;
  return [
    {
      ...{ name: 'push: gateway killed, all back and told', value: (back - start) / 1000 },
      ...{ unit: 's', bound: { atMost: 15 }, peer },
    },
  ];
}

async function all<T>(items: readonly T[], holds: (item: T) => boolean): Promise<void> {
  while (!items.every(holds)) await sleep(5);
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
