import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addBackupTarget, getBackupKey } from '@cep/contracts/backups';
import type { UserCaller } from '@cep/contracts/caller';
import { createWorld, user, type World } from '../apps.fixture.ts';

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

interface Saved {
  readonly root: UserCaller;
  /** On the target `disk`, which it belongs to. */
  readonly repository: string;
  /** The backup's. */
  readonly id: string;
}

/** Makes a snapshot that goes by the name of a backup, which nothing is known of. */
export async function saveAgain(world: World, { root, repository, id }: Saved): Promise<void> {
  const { password } = await world.call(root, getBackupKey, { params: { target: 'disk' } });
  const container = await world.docker.createContainer({
    ...{ Image: 'restic/restic:0.18.1', Entrypoint: ['restic'] },
    Cmd: ['backup', '--no-cache', '--host=cep', `--tag=${id}`, '/etc/hostname'],
    Env: ['RESTIC_REPOSITORY=/repository', `RESTIC_PASSWORD=${password}`],
    HostConfig: { NetworkMode: 'none', Binds: [`${repository}:/repository`] },
  });
  await container.start();
  const { StatusCode } = await container.wait();
  await container.remove();
  if (StatusCode !== 0) throw new Error(`restic ended with code ${StatusCode}`);
}
