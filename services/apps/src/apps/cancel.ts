import type * as contract from '@cep/contracts/apps';
import type { Reason } from '@cep/contracts/apps';
import type { UserCaller } from '@cep/contracts/caller';
import type { Input, Reply } from '@cep/contracts/endpoint';
import { Problem } from '@cep/contracts/problems';
import { transaction } from '@cep/database/transaction';
import { findGeneration } from '../generations/store.ts';
import { returnToGood } from '../reconciler/return.ts';
import { lockPresent } from './change.ts';
import type { Deps } from './deps.ts';
import { toApp } from './present.ts';
import { getAppView, wantApp } from './store.ts';

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
  const app = await transaction(deps.db, async (tx) => {
    const found = await lockPresent(tx, projectId, params.app);
    const generation = await findGeneration(tx, found.id, found.generation);
    if (generation?.state === 'good' || found.wanted === 'stopped') {
      throw new Problem('nothing-to-do', `No change of "${params.app}" is under way.`);
    }
    if (found.good === null) await wantApp(tx, found.id, 'stopped');
    return found;
  });
  if (app.good !== null) {
    await returnToGood(deps, app, { state: 'cancelled', reason: cancelled(app.name) });
  }
  deps.loop.interrupt(app.id);
  const view = await getAppView(deps.db, projectId, params.app);
  return { app: toApp(view, deps.engines.lost(view.engine)) };
}

const cancelled = (name: string): Reason => ({
  code: 'cancelled',
  message: `The change of "${name}" was cancelled.`,
  next: `What ran before runs again: see "cep apps show ${name}".`,
});
