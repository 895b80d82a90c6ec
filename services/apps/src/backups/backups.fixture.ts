import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addBackupTarget } from '@cep/contracts/backups';
import type { UserCaller } from '@cep/contracts/caller';
import { createWorld, user } from '../apps.fixture.ts';

/** Apps with a place for backups, which is the default one: a folder that goes at the end. */
export async function createBackupWorld(options: Parameters<typeof createWorld>[0]) {
  const folder = await mkdtemp(join(tmpdir(), 'cep-backups-'));
  const world = await createWorld(options);
  const root: UserCaller = { ...user(), role: 'admin' };
  const body = { name: 'disk', location: folder };
  await world.call(root, addBackupTarget, { body });
  return {
    ...{ world, folder, root },
    async close() {
      await world.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
