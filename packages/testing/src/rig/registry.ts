import { existsSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IMAGES } from '../install/cache.ts';
import { run } from '../install/commands.ts';
import type { Part } from './part.ts';
import { freePort, startServer } from './processes.ts';

const PROGRAM = '/usr/bin/docker-registry';

/** A registry on loopback that serves a copy of the cached images; undefined where it is missing. */
export async function startRegistry(rig: string): Promise<Part | undefined> {
  if (!existsSync(PROGRAM) || !existsSync(IMAGES)) return;
  const folder = join(rig, 'registry');
  await mkdir(folder);
  await copyImages(join(folder, 'images'));
  const address = `127.0.0.1:${await freePort()}`;
  const configuration = join(folder, 'config.json');
  await writeFile(configuration, JSON.stringify(configure(address, join(folder, 'images'))));
  const server = await startServer('registry', [PROGRAM, 'serve', configuration], {
    folder,
    ready: async () => {
      await fetch(`http://${address}/v2/`);
    },
  });
  return { env: { TEST_REGISTRY: address }, stop: () => server.stop('SIGKILL') };
}

/** Blobs are never changed in place, so names for the same files do, where they can be made. */
async function copyImages(to: string): Promise<void> {
  await run('cp', '-rl', IMAGES, to).catch(() => cp(IMAGES, to, { recursive: true, force: true }));
}

/** YAML reads JSON. */
function configure(address: string, images: string): object {
  return {
    version: 0.1,
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: images }, delete: { enabled: true } },
    http: { addr: address },
  };
}
