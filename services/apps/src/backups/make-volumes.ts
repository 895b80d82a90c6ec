import { statusOf } from '../engine/failures.ts';
import { volumeLabels } from '../engine/labels.ts';
import { helperName, projectOf, volumeName } from '../engine/names.ts';
import { foldersOf, makeFolder, removeVolume } from '../pools/folders.ts';
import { findPlaced } from '../pools/store.ts';
import { appOf } from './app-of.ts';
import type { Deps, Task } from './task.ts';

/** The volumes that a restore fills are new ones: nothing else uses them until they are whole. */
export async function makeVolumes(deps: Deps, task: Task): Promise<void> {
  const { job, backup, containers } = task;
  if (containers.some(({ name }) => name === helperName(job.id, 'fill'))) return;
  for (const volume of backup.contents.volumes) await makeVolume(deps, task, volume);
}

/** @param volume  by the template's name */
export async function makeVolume(deps: Deps, task: Task, volume: string): Promise<void> {
  const app = appOf(task);
  const { engine, instance } = deps;
  const name = volumeName(app, volume);
  const owner = { instance, projectId: task.job.project_id };
  const placed = await findPlaced(deps.db, name);
  const folders = foldersOf(placed ? [placed] : []);
  const volumes = [name];
  const scope = { instance, appId: app.id, network: projectOf(app), volumes, folders, address: '' };
  if (placed) await makeFolder(deps, placed);
  await engine.createVolume(name, volumeLabels(app, owner, volume), scope);
}

/** Takes back what {@link makeVolumes} made, which is still in the backup. One that somebody uses stays. */
export async function removeVolumes(deps: Deps, task: Task): Promise<void> {
  for (const volume of task.backup.contents.volumes) {
    await removeVolume(deps, volumeName(appOf(task), volume)).catch((error: unknown) => {
      if (statusOf(error) !== 409) throw error;
    });
  }
}
