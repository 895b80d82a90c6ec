import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import { run } from '../install/commands.ts';
import { folderOf, pins } from '../install/pins.ts';
import type { Part } from './part.ts';
import { startServer } from './processes.ts';

const INIT = '/usr/bin/tini-static';
const NEEDED = ['/usr/bin/containerd', '/usr/bin/runc', '/usr/sbin/iptables', INIT];

/**
 * A Docker Engine that shares nothing with the machine's, pulling through the registry at `mirror`;
 * undefined where it is not installed, or without namespaces to keep its bridges in.
 */
export async function startDockerd(rig: string, mirror: string): Promise<Part | undefined> {
  const isComplete = [folderOf(pins.engine), ...NEEDED].every((path) => existsSync(path));
  if (!isComplete || !process.env.TEST_NAMESPACES) return;
  const folder = join(rig, 'docker');
  const { socket, stop } = await runDockerd({
    folder,
    settings: { 'registry-mirrors': [`http://${mirror}`] },
  });
  return { env: { TEST_DOCKER_HOST: `unix://${socket}`, ...clientTools() }, stop };
}

interface Dockerd {
  readonly folder: string;
  /** Of `daemon.json`, beside what every one has. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Where it listens beside its socket. */
  readonly hosts?: readonly string[];
  /** What enters the namespaces that it is to run in. */
  readonly enter?: readonly string[];
}

/** Runs one with all its data in `folder`; again in the same one, it goes on with what it had. */
export async function runDockerd({ folder, settings, hosts = [], enter = [] }: Dockerd) {
  const engine = folderOf(pins.engine);
  await mkdir(folder, { recursive: true, mode: 0o711 });
  const socket = join(folder, 'docker.sock');
  const config = join(folder, 'daemon.json');
  const common = configure(folder);
  await writeFile(
    config,
    JSON.stringify({ ...common, ...settings, hosts: [`unix://${socket}`, ...hosts] }),
  );
  const command = [...enter, `${engine}/usr/sbin/dockerd`, '--config-file', config];
  const PATH = `${engine}/usr/sbin:${engine}/usr/bin:${process.env.PATH}:/usr/sbin:/sbin`;
  const ready = () => ping(socket);
  const server = await startServer('dockerd', command, { folder, env: { PATH }, ready });
  return {
    socket,
    /** Ends the daemon and nothing else. */
    end: (signal: NodeJS.Signals) => server.end(signal),
    async stop(signal?: NodeJS.Signals) {
      await server.stop(signal);
      await unmountUnder(folder);
    },
  };
}

function configure(folder: string): object {
  return {
    'data-root': join(folder, 'data'),
    'exec-root': join(folder, 'exec'),
    'init-path': INIT,
    pidfile: join(folder, 'docker.pid'),
    'shutdown-timeout': 2,
    'log-level': 'warn',
  };
}

/** The command line client, for comparison and for trying our own compose file. */
function clientTools(): Record<string, string> {
  const cli = `${folderOf(pins.dockerCli)}/usr/bin/docker`;
  const compose = `${folderOf(pins.compose)}/usr/libexec/docker/cli-plugins/docker-compose`;
  return {
    ...(existsSync(cli) && { TEST_DOCKER_CLI: cli }),
    ...(existsSync(compose) && { TEST_DOCKER_COMPOSE: compose }),
  };
}

function ping(socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get({ socketPath, path: '/_ping' }, (response) => {
      response.resume();
      if (response.statusCode === 200) resolve();
      else reject(new Error(`dockerd answers ${response.statusCode}`));
    });
    request.once('error', reject);
  });
}

/** What a container, or an engine that was killed, leaves mounted would keep the folder from being removed. */
export async function unmountUnder(folder: string): Promise<void> {
  const mounts = await readFile('/proc/self/mounts', 'utf8');
  const paths = mounts.split('\n').map((line) => line.split(' ')[1] ?? '');
  for (const path of paths.filter((path) => path.startsWith(`${folder}/`)).reverse()) {
    await run('umount', '--lazy', path).catch(() => {});
  }
}
