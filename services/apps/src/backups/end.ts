/** The end of a job, well or not: what is told, and what comes after it. */
import { randomUUID } from 'node:crypto';
import type { Reason } from '@cep/contracts/apps';
import { type Tx, transaction } from '@cep/database/transaction';
import { unwantApp, updateState } from '../apps/store.ts';
import { finishOperation } from '../operations/store.ts';
import { returnToGood } from '../reconciler/return.ts';
import { deleteJob, insertJob, lockInUse } from './job-store.ts';
import { removeVolumes } from './make-volumes.ts';
import { expired } from './retention.ts';
import { findSchedule } from './schedule-store.ts';
import { deleteBackups, failBackup, findComplete } from './store.ts';
import type { Deps, Task } from './task.ts';

/** Each part is nothing when it was done before. */
export async function endJob(deps: Deps, task: Task): Promise<void> {
  const { job, backup, work } = task;
  const { failure } = job;
  const { app } = work;
  if (failure && job.kind === 'restore' && !job.is_fresh) await removeVolumes(deps, task);
  if (failure && backup.cause === 'update' && job.kind === 'backup' && app) {
    await returnToGood(deps, app, { state: 'failed', reason: notUpdated(failure) });
  }
  await transaction(deps.db, async (tx) => {
    if (!(await deleteJob(tx, job))) return;
    if (job.kind === 'backup' && failure) await failBackup(tx, backup.id, failure);
    if (job.kind === 'delete' && !failure) await deleteBackups(tx, job.backups);
    // Without its data it is not what was asked for.
    if (job.kind === 'restore' && job.is_fresh && failure) await unwantApp(tx, job.app_id, false);
    if (job.operation_id) await finishOperation(tx, job.operation_id, failure);
    if (job.kind === 'backup' && !failure) await deleteExpired(tx, task);
    // What rested for the backup is not at rest by anybody's wish.
    if (app?.reason?.code === 'backup-running') {
      await updateState(tx, app.id, { state: 'starting', reason: null });
    }
  });
  deps.progress.forget(job.app_id);
}

const notUpdated = (failure: Reason): Reason => ({
  ...failure,
  message: `It was not updated, for it could not be backed up before: ${failure.message}`,
});

/** What the schedule of the app does not keep any more goes. */
async function deleteExpired(tx: Tx, { job, backup }: Task): Promise<void> {
  const schedule = await findSchedule(tx, job.app_id);
  if (!schedule || schedule.target_id !== backup.target_id) return;
  const all = await findComplete(tx, backup);
  const used = await lockInUse(
    tx,
    all.map(({ id }) => id),
  );
  const { keep_last: last, keep_daily: daily, keep_weekly: weekly } = schedule;
  const going = expired(
    all.filter(({ cause }) => cause !== 'asked'),
    { last, daily, weekly },
  ).filter(({ id }) => !used.has(id));
  if (going.length === 0) return;
  const { app_id, project_id } = job;
  await insertJob(tx, {
    ...{ id: randomUUID(), app_id, project_id, kind: 'delete', step: 'unlock' },
    ...{ backup: backup.id, backups: going.map(({ id }) => id) },
  });
}
