/** A world with a folder of its own below /srv, where root alone writes, for pools; it goes at the end. */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { UserCaller } from '@cep/contracts/caller';
import * as contract from '@cep/contracts/pools';
import * as volumes from '@cep/contracts/volumes';
import { createWorld, storeOf, user } from '../apps.fixture.ts';

export const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Each app writes once, and tells what it has. */
export const boxes = storeOf({
  box: `services:
  web:
    image: busybox:1
    command: [sh, -c, "[ -e /data/file ] || head -c 3000000 /dev/urandom > /data/file; trap 'exit 0' TERM; sleep 1000 & wait"]
    volumes: ["data:/data", "cache:/cache"]
    stop_grace_period: 1s
volumes: { data: , cache: }
`,
  bulky: `, volumes: {data: {class: media, pool: bulk}}}
services:
  web:
    image: busybox:1
    command: [sh, -c, "trap 'exit 0' TERM; sleep 1000 & wait"]
    volumes: ["data:/data"]
    stop_grace_period: 1s
volumes: { data: }
`,
});

export async function createPoolWorld() {
  const folder = join('/srv', `cep-test-${randomBytes(4).toString('hex')}`);
  await mkdir(folder, { mode: 0o755 });
  await chmod(folder, 0o755);
  const world = await createWorld({ store: boxes });
  const root: UserCaller = { ...user(), role: 'admin' };
  const put = (pool: string, path: string, who: UserCaller = root) =>
    world.call(who, contract.putPool, { params: { pool }, body: { path } });
  const volumesIn = async (pool: string, who: UserCaller) => {
    const input = { params: { pool }, query: { sizes: true } };
    return (await world.call(who, volumes.listVolumes, input)).volumes;
  };
  return {
    ...{ world, folder, root, put },
    /** Below the folder. */
    at: (...parts: string[]) => join(folder, ...parts),
    show: (pool: string, who: UserCaller) =>
      world.call(who, contract.getPool, { params: { pool } }),
    remove: (pool: string, who: UserCaller = root) =>
      world.call(who, contract.deletePool, { params: { pool } }),
    volumesIn,
    /** In the engine, of the volume `data` unless told. */
    async nameOf(who: UserCaller, pool: string, app: string, volume = 'data'): Promise<string> {
      const found = (await volumesIn(pool, who)).find(
        (each) => each.app === app && each.volume === volume,
      );
      if (!found) throw new Error(`${app} has no ${volume} in ${pool}`);
      return found.name;
    },
    purge: (pool: string, volume: string, who: UserCaller) =>
      world.call(who, volumes.deleteVolume, { params: { pool, volume }, query: { purge: true } }),
    deploy: async (who: UserCaller, body: Parameters<typeof world.deploy>[1]) =>
      world.end(who, (await world.deploy(who, body)).operation),
    destroy: async (who: UserCaller, app: string, gone = false) =>
      world.end(who, (await world.destroy(who, app, gone)).operation),
    async close() {
      await world.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type PoolWorld = Awaited<ReturnType<typeof createPoolWorld>>;
