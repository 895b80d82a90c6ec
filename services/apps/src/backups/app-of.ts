import type { AppIdentity } from '../engine/names.ts';
import type { Task } from './task.ts';

/** The app that a job is about: a restore may be as another app, and what is deleted of one that is gone. */
export const appOf = ({ job, backup, work }: Task): AppIdentity => ({
  id: job.app_id,
  name: work.app?.name ?? backup.app,
  generation: 0,
  volumeSets: job.volume_sets,
});
