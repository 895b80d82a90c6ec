import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deployApp, destroyApp } from '@cep/contracts/apps';
import { type Operation, watchOperation } from '@cep/contracts/operations';
import type { Client } from '@cep/http/client';
import Docker from 'dockerode';
import { type Bench, inFolder, type Measurement, median } from './bench.ts';
import { type Server, startServer } from './server.ts';
import { root } from './standalone.ts';

const ROUNDS = 9;

const COMPOSE = `services:
  web:
    image: hello:1
    ports: ["127.0.0.1:PORT:80"]
    depends_on: [helper]
    stop_grace_period: 1s
  helper:
    image: busybox:1
    command: [sh, -c, "trap 'exit 0' TERM; sleep 1000 & wait"]
    stop_grace_period: 1s
`;

const { TEST_POSTGRES_URL = '', TEST_DOCKER_HOST = '', TEST_DOCKER_COMPOSE = '' } = process.env;

/** An app of two services until it runs: by us, by the bare calls to the engine, by docker compose. */
export const bench: Bench = {
  missing: () =>
    TEST_POSTGRES_URL && TEST_DOCKER_HOST && TEST_DOCKER_COMPOSE
      ? undefined
      : 'run it inside the rig: pnpm inside-rig pnpm bench deploy.',
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
    templates: [{ id: 'pair', compose: COMPOSE.replace('127.0.0.1:PORT', '18280') }],
  });
  const ways = {
    ...{ api: ours(server.client), cli: typed(folder) },
    ...{ bare: bare(docker), compose: await compose(folder) },
  };
  try {
    return report(await measure(ways));
  } finally {
    await server.stop();
  }
}

type Way = 'api' | 'cli' | 'bare' | 'compose';

async function measure(ways: Record<Way, () => Promise<number>>): Promise<Record<Way, number>[]> {
  const rounds: Record<Way, number>[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const times = { api: 0, cli: 0, bare: 0, compose: 0 };
    for (const name of ['api', 'bare', 'cli', 'compose'] as const) times[name] = await ways[name]();
    if (round > 0) rounds.push(times); // the first warms up
  }
  return rounds;
}

function report(rounds: readonly Record<Way, number>[]): Measurement[] {
  const middle = (name: Way) => Math.round(median(rounds.map((each) => each[name])));
  const ratio = (ours: Way, peer: Way) => median(rounds.map((each) => each[ours] / each[peer]));
  const compose = `docker compose up -d: ${middle('compose')} ms`;
  return [
    { name: 'deploy: two services, by the API', value: middle('api'), unit: 'ms' },
    { name: 'deploy: two services, by cep apps deploy', value: middle('cli'), unit: 'ms' },
    {
      name: 'deploy: the API against the bare calls',
      ...{ value: ratio('api', 'bare'), unit: 'x', bound: { atMost: 1.15 } },
      peer: `dockerode: ${middle('bare')} ms`,
    },
    {
      name: 'deploy: the API against docker compose up -d',
      ...{ value: ratio('api', 'compose'), unit: 'x', bound: { atMost: 1 } },
      peer: compose,
    },
    {
      name: 'deploy: cep apps deploy against docker compose up -d',
      ...{ value: ratio('cli', 'compose'), unit: 'x', bound: { atMost: 1 } },
      peer: compose,
    },
  ];
}

const ours = (connect: Server['client']) => async (): Promise<number> => {
  const client = await connect();
  const started = performance.now();
  const body = { template: 'pair', parameters: {} };
  await ended(client, (await client.call(deployApp, { body })).operation);
  const took = performance.now() - started;
  const input = { params: { app: 'pair' }, query: { volumes: true } };
  await ended(client, (await client.call(destroyApp, input)).operation);
  return took;
};

async function ended(client: Client, { id }: Operation): Promise<void> {
  const stream = await client.stream(watchOperation, { params: { operation: id } });
  for await (const { failure } of stream) if (failure) throw new Error(failure.message);
}

/** As {@link ours}, by the CLI: from typed until its process has ended. */
const typed = (home: string) => async (): Promise<number> => {
  const env = { ...process.env, CEP_HOME: home };
  const cep = (...args: string[]) => promisify(execFile)(join(root, 'cep'), args, { env });
  const started = performance.now();
  await cep('apps', 'deploy', 'pair');
  const took = performance.now() - started;
  await cep('apps', 'destroy', 'pair', '--volumes', '--yes');
  return took;
};

/** The calls that we make, and no more: what no program can be faster than. */
const bare = (docker: Docker) => async (): Promise<number> => {
  const name = `bare-${randomBytes(4).toString('hex')}`;
  const started = performance.now();
  const HostConfig = { NetworkMode: name };
  const ports = { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '18281' }] };
  const command = ['sh', '-c', "trap 'exit 0' TERM; sleep 1000 & wait"];
  const [network, web, helper] = await Promise.all([
    docker.createNetwork({ Name: name, Driver: 'bridge' }),
    docker.createContainer({
      Image: 'hello:1',
      ExposedPorts: { '80/tcp': {} },
      HostConfig: { ...HostConfig, PortBindings: ports },
    }),
    docker.createContainer({ Image: 'busybox:1', Cmd: command, HostConfig }),
  ]);
  await helper.start();
  await web.start();
  const took = performance.now() - started;
  await Promise.all([web.remove({ force: true }), helper.remove({ force: true })]);
  await network.remove();
  return took;
};

async function compose(folder: string): Promise<() => Promise<number>> {
  const file = join(folder, 'compose.yaml');
  await writeFile(file, COMPOSE.replace('PORT', '18282'));
  const run = (...args: string[]) =>
    promisify(execFile)(TEST_DOCKER_COMPOSE, ['-f', file, '-p', 'peer', ...args], {
      env: { ...process.env, DOCKER_HOST: TEST_DOCKER_HOST },
    });
  return async () => {
    const started = performance.now();
    await run('up', '-d');
    const took = performance.now() - started;
    await run('down', '-t', '1');
    return took;
  };
}
