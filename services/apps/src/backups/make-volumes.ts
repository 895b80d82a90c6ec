import { statusOf } from '../engine/failures.ts';
import { volumeLabels } from '../engine/labels.ts';
import { helperName, projectOf, volumeName } from '../engine/names.ts';
import { foldersOf, makeFolder, removeVolume } from '../pools/folders.ts';
import { findPlacedOf } from '../pools/store.ts';
import { appOf } from './order.ts';
import type { Deps, Task } from './task.ts';

/** The volumes that a restore fills are new ones: nothing else uses them until they are whole. */
export async function makeVolumes(deps: Deps, task: Task): Promise<void> {
  const { engine, instance } = deps;
  const { job, backup, containers } = task;
  if (containers.some(({ name }) => name === helperName(job.id, 'fill'))) return;
  const app = appOf(task);
  const owner = { instance, projectId: job.project_id };
  const volumes = backup.contents.volumes.map((volume) => volumeName(app, volume));
  const placed = await findPlacedOf(deps.db, app.id);
  const folders = foldersOf(placed);
  const scope = { instance, appId: app.id, network: projectOf(app), volumes, folders, address: '' };
  for (const volume of backup.contents.volumes) {
    const name = volumeName(app, volume);
    const own = placed.find((each) => each.volume === name);
    if (own) await makeFolder(deps, own);
    await engine.createVolume(name, volumeLabels(app, owner, volume), scope);
  }
}

/** Takes back what {@link makeVolumes} made, which is still in the backup. One that somebody uses stays. */
export async function removeVolumes(deps: Deps, task: Task): Promise<void> {
  for (const volume of task.backup.contents.volumes) {
    await removeVolume(deps, volumeName(appOf(task), volume)).catch((error: unknown) => {
      if (statusOf(error) !== 409) throw error;
    });
  }
}
