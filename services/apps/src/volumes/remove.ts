import { transaction } from '@cep/database/transaction';
import type { Pool } from 'pg';
import type { Engines } from '../engines/registry.ts';
import { removeVolume } from '../pools/folders.ts';
import type { Deps as RunDeps } from '../pools/run.ts';
import { findPlacedOf } from '../pools/store.ts';
import { type Deletion, deleteDeletion, forgetKept, lockDue, lockReturn } from './store.ts';

export interface Deps extends Pick<RunDeps, 'instance' | 'backupImage'> {
  readonly db: Pool;
  readonly engines: Engines;
}

/**
 * Deletes a volume for good if its time has come and no app uses it. The engine is asked while the
 * app cannot come back, so a deploy at the same moment finds either the volume or none. A process
 * that is killed after the engine has deleted it, does so again: that is nothing to the engine.
 */
export async function removeDue(deps: Deps, due: Omit<Deletion, 'leaves_at'>): Promise<void> {
  const { volume, app_id: appId, engine: on } = due;
  const { engine } = await deps.engines.of(on);
  await transaction(deps.db, async (tx) => {
    const isBack = await lockReturn(tx, due);
    if (!(await lockDue(tx, volume))) return;
    if (!isBack) await removeVolume({ ...deps, engine, db: tx }, volume);
    await deleteDeletion(tx, volume);
    if (isBack) return;
    const isLeft =
      (await engine.volumes(appId)).length > 0 || (await findPlacedOf(tx, appId)).length > 0;
    if (!isLeft) await forgetKept(tx, appId);
  });
}
