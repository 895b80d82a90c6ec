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

export interface DockerdOptions {
  /** Where everything of it lies. */
  readonly folder?: string;
  /** Whether containers go on while it is away. */
  readonly liveRestore?: boolean;
  /** Settings beside those that every one here has. */
  readonly more?: object;
}

export interface Dockerd extends Part {
  /** Ends the daemon and nothing else, and waits for that. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
}

/**
 * A Docker Engine that shares nothing with the machine's, pulling through the registry at `mirror`;
 * undefined where it is not installed, or without namespaces to keep its bridges in.
 */
export async function startDockerd(
  rig: string,
  mirror: string,
  { folder = join(rig, 'docker'), liveRestore = false, more = {} }: DockerdOptions = {},
): Promise<Dockerd | undefined> {
  const engine = folderOf(pins.engine);
  const isComplete = [engine, ...NEEDED].every((path) => existsSync(path));
  if (!isComplete || !process.env.TEST_NAMESPACES) return;
  await mkdir(folder, { mode: 0o711, recursive: true });
  const socket = join(folder, 'docker.sock');
  const settings = JSON.stringify({
    ...configure(folder, mirror),
    'live-restore': liveRestore,
    ...more,
  });
  const execRoot = join(folder, 'exec');
  await writeFile(join(folder, 'daemon.json'), settings);
  const command = [`${engine}/usr/sbin/dockerd`, '--config-file', join(folder, 'daemon.json')];
  const PATH = `${engine}/usr/sbin:${engine}/usr/bin:${process.env.PATH}:/usr/sbin:/sbin`;
  const ready = () => ping(socket);
  const server = await startServer('dockerd', command, { folder, env: { PATH }, ready });
  return {
    end: (signal) => server.end(signal),
    env: { TEST_DOCKER_HOST: `unix://${socket}`, ...clientTools() },
    async stop() {
      await server.stop();
      await unmountUnder(execRoot);
    },
  };
}

function configure(folder: string, mirror: string): object {
  return {
    hosts: [`unix://${join(folder, 'docker.sock')}`],
    'data-root': join(folder, 'data'),
    'exec-root': join(folder, 'exec'),
    'init-path': INIT,
    pidfile: join(folder, 'docker.pid'),
    'registry-mirrors': [`http://${mirror}`],
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

/** What a container leaves mounted would keep the folder from being removed. */
export async function unmountUnder(folder: string): Promise<void> {
  const mounts = await readFile('/proc/self/mounts', 'utf8');
  const paths = mounts.split('\n').map((line) => line.split(' ')[1] ?? '');
  for (const path of paths.filter((path) => path.startsWith(`${folder}/`)).reverse()) {
    await run('umount', '--lazy', path).catch(() => {});
  }
}
