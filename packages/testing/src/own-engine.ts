/** A Docker Engine of one test's own, on a small disk of its own, that may be ended in any way. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import Docker from 'dockerode';
import { fromRig } from './from-rig.ts';
import { run } from './install/commands.ts';
import { runDockerd, unmountUnder } from './rig/dockerd.ts';

export interface OwnEngine {
  /** `unix:///…`; the same after each start. */
  readonly host: string;
  readonly docker: Docker;
  /** Ends dockerd alone, at once or as a service manager would. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** @param options  whether containers go on while it is away */
  start(options?: { readonly liveRestore?: boolean }): Promise<void>;
  /** Leaves so many bytes of its disk. @returns what gives the rest back */
  fill(left: number): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/**
 * In a network namespace of its own: an engine takes the bridge of another away that is where it is.
 *
 * @param bytes  of its disk, which is in memory
 * @param subnet  of its networks, `10.SUBNET.0.0/16`, which no other engine uses meanwhile
 */
export async function createOwnEngine(bytes: number, subnet: number): Promise<OwnEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'cep-engine-'));
  const disk = join(folder, 'docker');
  await mkdir(disk);
  await run('mount', '-t', 'tmpfs', '-o', `size=${bytes},mode=0711`, 'cep-engine', disk);
  const place = await openPlace(subnet);
  const settings = {
    'registry-mirrors': [`http://${fromRig('TEST_REGISTRY')}`],
    'default-address-pools': [{ base: `10.${subnet}.0.0/16`, size: 24 }],
  };
  const start = ({ liveRestore = false } = {}) =>
    runDockerd({
      folder: disk,
      settings: { ...settings, 'live-restore': liveRestore },
      enter: ['nsenter', `--net=/run/netns/${place.namespace}`, '--'],
    });
  const started = [await start()];
  const socketPath = join(disk, 'docker.sock');
  return {
    host: `unix://${socketPath}`,
    docker: new Docker({ socketPath }),
    end: async (signal) => started.at(-1)?.end(signal),
    async start(options) {
      started.push(await start(options));
    },
    async fill(left) {
      const { bavail, bsize } = await statfs(disk);
      const file = join(disk, 'fill');
      await writeFile(file, Buffer.alloc(Math.max(0, bavail * bsize - left)));
      return () => rm(file);
    },
    async close() {
      for (const engine of started.reverse()) await engine?.stop();
      await place.close();
      await unmountUnder(folder);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Answers at a port of the loopback there for what is reached at a host and a port. */
const RELAY = `
  const { connect, createServer } = require('node:net');
  const [port, host, open] = process.argv.slice(1);
  createServer((client) => {
    require('node:stream').pipeline(client, connect(open, host), client, () => {});
  }).listen(port, '127.0.0.1', () => console.log('ready'));`;

/** Where the rig's registry is at the same address as here. */
interface Place {
  /** Of the network. */
  readonly namespace: string;
  close(): Promise<void>;
}

async function openPlace(subnet: number): Promise<Place> {
  const namespace = `own${subnet}`;
  const [here, there] = [`10.${subnet}.255.1`, `10.${subnet}.255.2`];
  const inside = ['-n', namespace];
  await run('ip', 'netns', 'add', namespace);
  const peer = ['peer', 'name', 'eth0', 'netns', namespace];
  await run('ip', 'link', 'add', namespace, 'type', 'veth', ...peer);
  await run('ip', 'address', 'add', `${here}/24`, 'dev', namespace);
  await run('ip', 'link', 'set', namespace, 'up');
  await run('ip', ...inside, 'address', 'add', `${there}/24`, 'dev', 'eth0');
  for (const name of ['lo', 'eth0']) await run('ip', ...inside, 'link', 'set', name, 'up');
  const [host = '', port = ''] = fromRig('TEST_REGISTRY').split(':');
  const proxy = createServer((client) => {
    const registry = connect(Number(port), host);
    pipeline(client, registry, client, () => {});
  });
  await once(proxy.listen(0, here), 'listening');
  const { port: open } = proxy.address() as AddressInfo;
  const relay = spawn(
    'nsenter',
    [`--net=/run/netns/${namespace}`, '--', process.execPath, '-e', RELAY, port, here, `${open}`],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(relay.stdout, 'data');
  return {
    namespace,
    async close() {
      relay.kill();
      proxy.close();
      await run('ip', 'netns', 'delete', namespace);
    },
  };
}
