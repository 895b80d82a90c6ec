import { statusOf } from '../engine/failures.ts';
import { volumeLabels } from '../engine/labels.ts';
import { helperName, projectOf, volumeName } from '../engine/names.ts';
import { appOf } from './order.ts';
import type { Deps, Task } from './task.ts';

/** The volumes that a restore fills are new ones: nothing else uses them until they are whole. */
export async function makeVolumes({ engine, instance }: Deps, task: Task): Promise<void> {
  const { job, backup, containers } = task;
  if (containers.some(({ name }) => name === helperName(job.id, 'fill'))) return;
  const app = appOf(task);
  const owner = { instance, projectId: job.project_id };
  const volumes = backup.contents.volumes.map((volume) => volumeName(app, volume));
  const scope = { instance, appId: app.id, network: projectOf(app), volumes, address: '' };
  for (const volume of backup.contents.volumes) {
    await engine.createVolume(volumeName(app, volume), volumeLabels(app, owner, volume), scope);
  }
}

/** Takes back what {@link makeVolumes} made, which is still in the backup. One that somebody uses stays. */
export async function removeVolumes({ engine }: Pick<Deps, 'engine'>, task: Task): Promise<void> {
  for (const volume of task.backup.contents.volumes) {
    await engine.removeVolume(volumeName(appOf(task), volume)).catch((error: unknown) => {
      if (statusOf(error) !== 409) throw error;
    });
  }
}
