import type * as contract from '@cep/contracts/apps';
import type { Reason } from '@cep/contracts/apps';
import type { UserCaller } from '@cep/contracts/caller';
import type { Input, Reply } from '@cep/contracts/endpoint';
import { Problem } from '@cep/contracts/problems';
import { type Tx, transaction } from '@cep/database/transaction';
import { failJob, findJob } from '../backups/job-store.ts';
import { findGeneration } from '../generations/store.ts';
import { returnToGood } from '../reconciler/return.ts';
import { lockPresent } from './change.ts';
import type { Deps } from './deps.ts';
import { toApp } from './present.ts';
import { type AppRow, getAppView, wantApp } from './store.ts';

/**
 * Breaks off a change that is not good yet: the app goes back to what ran before. Nothing ran before
 * a first deployment: it is stopped, and nothing of it is removed.
 *
 * @throws {Problem} `nothing-to-do` when no change is under way
 */
export async function cancelApp(
  deps: Deps,
  { params }: Input<typeof contract.cancelApp>,
  { projectId }: UserCaller,
): Promise<Reply<typeof contract.cancelApp>> {
  const { id } = await getAppView(deps.db, projectId, params.app);
  const app = await transaction(deps.db, async (tx) => {
    const found = await lockPresent(tx, projectId, params.app);
    if (await cancelJob(tx, found)) return undefined;
    const generation = await findGeneration(tx, found.id, found.generation);
    if (generation?.state === 'good' || found.wanted === 'stopped') {
      throw new Problem('nothing-to-do', `No change of "${params.app}" is under way.`);
    }
    if (found.good === null) await wantApp(tx, found.id, 'stopped');
    return found;
  });
  if (app && app.good !== null) {
    await returnToGood(deps, app, { state: 'cancelled', reason: cancelled(app.name) });
  }
  deps.loop.interrupt(id);
  const view = await getAppView(deps.db, projectId, params.app);
  return { app: toApp(view, deps.engines.lost(view.engine)) };
}

/** @returns whether something was being done about the app's backups, which now ends */
export async function cancelJob(tx: Tx, { id, name }: Pick<AppRow, 'id' | 'name'>) {
  const job = await findJob(tx, id);
  if (!job) return false;
  await failJob(tx, job.id, {
    code: 'cancelled',
    message: `What was done about the backups of "${name}" was cancelled.`,
    next: 'See "cep backup list".',
  });
  return true;
}

const cancelled = (name: string): Reason => ({
  code: 'cancelled',
  message: `The change of "${name}" was cancelled.`,
  next: `What ran before runs again: see "cep apps show ${name}".`,
});
