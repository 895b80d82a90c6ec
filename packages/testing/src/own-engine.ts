/** A Docker Engine of one test's own, on a small disk of its own, that may be ended in any way. */
import { mkdir, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

/** The rules of the packet filter are those of the rig's engine. */
const BESIDE = { iptables: false, 'ip-masq': false };

/**
 * @param bytes  of its disk, which is in memory
 * @param subnet  of its networks, `10.SUBNET.0.0/16`, which no other engine uses meanwhile
 */
export async function createOwnEngine(bytes: number, subnet: number): Promise<OwnEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'cep-engine-'));
  const disk = join(folder, 'docker');
  await mkdir(disk);
  await run('mount', '-t', 'tmpfs', '-o', `size=${bytes},mode=0711`, 'cep-engine', disk);
  // One that is told to have no bridge deletes that of the rig's engine.
  const bridge = `own${subnet}`;
  await run('ip', 'link', 'add', bridge, 'type', 'bridge');
  await run('ip', 'address', 'add', `10.${subnet}.255.1/24`, 'dev', bridge);
  await run('ip', 'link', 'set', bridge, 'up');
  const settings = {
    ...{ ...BESIDE, bridge },
    'registry-mirrors': [`http://${fromRig('TEST_REGISTRY')}`],
    'default-address-pools': [{ base: `10.${subnet}.0.0/16`, size: 24 }],
  };
  const start = ({ liveRestore = false } = {}) =>
    runDockerd({ folder: disk, settings: { ...settings, 'live-restore': liveRestore } });
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
      await run('ip', 'link', 'delete', bridge);
      await unmountUnder(folder);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
