import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { deployApp, destroyApp, updateApp } from '@cep/contracts/apps';
import { readLogs } from '@cep/contracts/logs';
import { type Operation, watchOperation } from '@cep/contracts/operations';
import type { Client } from '@cep/http/client';
import Docker from 'dockerode';
import { type Bench, inFolder, type Measurement, median } from './bench.ts';
import { type Server, startServer } from './server.ts';

const ROUNDS = 5;
const SIZES = [1, 3, 5, 10];
const PORT = 18380;

const { TEST_POSTGRES_URL = '', TEST_DOCKER_HOST = '', TEST_DOCKER_COMPOSE = '' } = process.env;

const RUN = "trap 'exit 0' TERM; sleep 1000 & wait";
const READY = `sleep 0.3; touch /tmp/ready; ${RUN}`;
const health = (interval: string) =>
  `healthcheck: { test: [CMD, test, -f, /tmp/ready], interval: ${interval}, timeout: 2s, retries: 5 }`;

const independent = (count: number): string =>
  `services:\n${Array.from(
    { length: count },
    (_, n) =>
      `  s${n}: { image: "busybox:1", command: [sh, -c, "${RUN}"], stop_grace_period: 1s }\n`,
  ).join('')}`;

const link = (name: string, needs: string) => `
  ${name}:
    image: busybox:1
    command: [sh, -c, "${READY}"]
    stop_grace_period: 1s
    ${health('2s')}${needs && `\n    depends_on: { ${needs}: { condition: service_healthy } }`}`;

const CHAIN = `services:${link('db', '')}${link('api', 'db')}${link('web', 'api')}\n`;

const SLOW = `services:
  main:
    image: busybox:1
    command: [sh, -c, "sleep 1; touch /tmp/ready; echo ready; ${RUN}"]
    stop_grace_period: 1s
    ${health('30s')}
`;

const FRONTED = `services:
  web:
    image: hello:1
    environment: { WORD: "\${WORD}" }
    ports: ["${PORT + 2}:80"]
    stop_grace_period: 1s
    stop_signal: SIGKILL
    x-cep: { update: { strategy: start-first } }
    healthcheck: { test: [CMD, wget, -q, -O, /dev/null, "http://127.0.0.1/"], interval: 5s, timeout: 2s }
`;

const SERVED = `services:
  web:
    image: hello:1
    environment: { WORD: "\${WORD}" }
    ports: ["${PORT}:80"]
    stop_grace_period: 1s
    stop_signal: SIGKILL
`;

const WORD = ', parameters: [{name: WORD, type: string, label: Word, default: one}]';

/** What changes of apps cost: against the bare calls to the engine, and docker compose. */
export const bench: Bench = {
  missing: () =>
    TEST_POSTGRES_URL && TEST_DOCKER_HOST && TEST_DOCKER_COMPOSE
      ? undefined
      : 'run it inside the rig: pnpm inside-rig pnpm bench lifecycle.',
  run: () => inFolder(compare),
};

async function compare(folder: string): Promise<Measurement[]> {
  const docker = new Docker({ socketPath: new URL(TEST_DOCKER_HOST).pathname });
  for (const image of ['hello:1', 'busybox:1']) {
    const pulled = await docker.pull(image);
    await new Promise((resolve) => docker.modem.followProgress(pulled, resolve));
  }
  const server = await startServer({
    ...{ postgres: TEST_POSTGRES_URL, docker: TEST_DOCKER_HOST, home: folder },
    templates: [
      ...SIZES.map((size) => ({ id: `of${size}`, compose: independent(size) })),
      { id: 'chain', compose: CHAIN },
      { id: 'slow', compose: SLOW },
      { id: 'served', compose: SERVED, more: WORD },
      {
        id: 'fronted',
        compose: FRONTED,
        more: `${WORD}, endpoints: [{name: web, service: web, port: 80, scheme: http}]`,
      },
    ],
  });
  try {
    const sizes: Measurement[] = [];
    for (const size of SIZES) sizes.push(await compareSize(server, docker, size));
    return [
      ...sizes,
      await compareChain(server, folder),
      await measureSlow(server),
      await compareGap(server, docker),
      await countFailures(server),
    ];
  } finally {
    await server.stop();
  }
}

async function compareSize(server: Server, docker: Docker, size: number): Promise<Measurement> {
  const ratios: number[] = [];
  const bares: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const ours = await deployed(server, `of${size}`);
    const bare = await bareDeploy(docker, size);
    if (round === 0) continue; // the first warms up
    ratios.push(ours / bare);
    bares.push(bare);
  }
  return {
    name: `lifecycle: ${size} independent services against the bare calls`,
    ...{ value: median(ratios), unit: 'x', bound: { atMost: 1.15 } },
    peer: `dockerode: ${Math.round(median(bares))} ms`,
  };
}

async function deployed(server: Server, template: string): Promise<number> {
  const client = await server.client();
  const started = performance.now();
  const body = { template, parameters: {} };
  await ended(client, (await client.call(deployApp, { body })).operation);
  const took = performance.now() - started;
  await destroyed(server, template);
  return took;
}

async function destroyed(server: Server, app: string): Promise<void> {
  const client = await server.client();
  const input = { params: { app }, query: { volumes: true } };
  await ended(client, (await client.call(destroyApp, input)).operation);
}

async function ended(client: Client, { id }: Operation): Promise<void> {
  const stream = await client.stream(watchOperation, { params: { operation: id } });
  for await (const { failure } of stream) if (failure) throw new Error(failure.message);
}

/** As many at once as the service has: twice the processors of most machines. */
const AT_ONCE = 4;

async function bareDeploy(docker: Docker, size: number): Promise<number> {
  const name = `bare-${randomBytes(4).toString('hex')}`;
  const started = performance.now();
  const Cmd = ['sh', '-c', RUN];
  const HostConfig = { NetworkMode: name };
  const [network, ...containers] = await Promise.all([
    docker.createNetwork({ Name: name, Driver: 'bridge' }),
    ...Array.from({ length: size }, () =>
      docker.createContainer({ Image: 'busybox:1', Cmd, HostConfig }),
    ),
  ]);
  const waiting = [...containers];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await next.start();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const took = performance.now() - started;
  await Promise.all(containers.map((container) => container.remove({ force: true })));
  await network?.remove();
  return took;
}

async function compareChain(server: Server, folder: string): Promise<Measurement> {
  const file = join(folder, 'chain.yaml');
  await writeFile(file, CHAIN);
  const compose = (...args: string[]) =>
    promisify(execFile)(TEST_DOCKER_COMPOSE, ['-f', file, '-p', 'chain', ...args], {
      env: { ...process.env, DOCKER_HOST: TEST_DOCKER_HOST },
    });
  const ratios: number[] = [];
  const peers: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const ours = await deployed(server, 'chain');
    const started = performance.now();
    await compose('up', '-d', '--wait');
    const peer = performance.now() - started;
    await compose('down', '-t', '1');
    ratios.push(ours / peer);
    peers.push(peer);
  }
  return {
    name: 'lifecycle: three steps of health against docker compose up -d --wait',
    ...{ value: median(ratios), unit: 'x', bound: { atMost: 0.75 } },
    peer: `docker compose: ${Math.round(median(peers))} ms`,
  };
}

/** From the line that says it is ready until the operation has ended. */
async function measureSlow(server: Server): Promise<Measurement> {
  const times: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const client = await server.client();
    const body = { template: 'slow', parameters: {} };
    await ended(client, (await client.call(deployApp, { body })).operation);
    const now = Date.now();
    const input = { params: { app: 'slow' }, query: { follow: false, tail: 1 } };
    for await (const { at } of await client.stream(readLogs, input)) {
      times.push(now - Date.parse(at));
    }
    await destroyed(server, 'slow');
  }
  return {
    name: 'lifecycle: healthy after it is ready, with an interval of 30 s',
    ...{ value: Math.max(...times), unit: 'ms', bound: { atMost: 1_500 } },
  };
}

/** For how long nobody answers while a service that holds a port is replaced. */
async function compareGap(server: Server, docker: Docker): Promise<Measurement> {
  const client = await server.client();
  const body = { template: 'served', parameters: {} };
  await ended(client, (await client.call(deployApp, { body })).operation);
  const ratios: number[] = [];
  const bares: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const change = { params: { app: 'served' }, body: { parameters: { WORD: `w${round}` } } };
    const ours = await gapOf(PORT, async () => {
      const fresh = await server.client();
      await ended(fresh, (await fresh.call(updateApp, change)).operation);
    });
    const bare = await bareGap(docker);
    ratios.push(ours / bare);
    bares.push(bare);
  }
  await destroyed(server, 'served');
  return {
    name: 'lifecycle: gap of a replacement against the bare stop and start',
    ...{ value: median(ratios), unit: 'x', bound: { atMost: 1.15 } },
    peer: `dockerode: ${Math.round(median(bares))} ms`,
  };
}

const REQUESTS = 10_000;
const CLIENTS = 8;

/** Requests that nobody answers while a service behind a front is replaced, again and again. */
async function countFailures(server: Server): Promise<Measurement> {
  const client = await server.client();
  const body = { template: 'fronted', parameters: {} };
  await ended(client, (await client.call(deployApp, { body })).operation);
  let [asked, failed, updates] = [0, 0, 0];
  const ask = async () => {
    while (asked < REQUESTS) {
      asked += 1;
      if (!(await answers(PORT + 2))) failed += 1;
    }
  };
  const asking = Promise.all(Array.from({ length: CLIENTS }, ask));
  while (asked < REQUESTS) {
    updates += 1;
    const change = { params: { app: 'fronted' }, body: { parameters: { WORD: `w${updates}` } } };
    const fresh = await server.client();
    await ended(fresh, (await fresh.call(updateApp, change)).operation);
  }
  await asking;
  await destroyed(server, 'fronted');
  return {
    name: `lifecycle: failed of ${REQUESTS} requests during start-first updates`,
    ...{ value: failed, unit: 'requests', bound: { atMost: 0 } },
    peer: `${updates} updates`,
  };
}

async function bareGap(docker: Docker): Promise<number> {
  const name = `bare-${randomBytes(4).toString('hex')}`;
  const network = await docker.createNetwork({ Name: name, Driver: 'bridge' });
  const bindings = { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: String(PORT + 1) }] };
  const make = () =>
    docker.createContainer({
      ...{ Image: 'hello:1', StopSignal: 'SIGKILL', ExposedPorts: { '80/tcp': {} } },
      HostConfig: { NetworkMode: name, PortBindings: bindings },
    });
  const [before, after] = [await make(), await make()];
  await before.start();
  const gap = await gapOf(PORT + 1, async () => {
    await before.stop();
    await after.start();
  });
  await Promise.all([before.remove({ force: true }), after.remove({ force: true })]);
  await network.remove();
  return gap;
}

/** The longest time between two answers, milliseconds, while `work` goes on. */
async function gapOf(port: number, work: () => Promise<void>): Promise<number> {
  let isOver = false;
  let longest = 0;
  const watching = (async () => {
    let last = performance.now();
    while (!isOver) {
      if (await answers(port)) {
        longest = Math.max(longest, performance.now() - last);
        last = performance.now();
      }
      await sleep(3);
    }
  })();
  await sleep(200);
  await work();
  // A gap is over only when somebody answers again.
  while (!(await answers(port))) await sleep(3);
  await sleep(50);
  isOver = true;
  await watching;
  return longest;
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const asked = get({ host: '127.0.0.1', port, agent: false, timeout: 500 }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode === 200));
    });
    asked.on('error', () => resolve(false)).on('timeout', () => asked.destroy());
  });
