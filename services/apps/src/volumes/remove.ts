import { transaction } from '@cep/database/transaction';
import type { Pool } from 'pg';
import type { Engines } from '../engines/registry.ts';
import { type Deletion, deleteDeletion, forgetKept, lockDue, lockReturn } from './store.ts';

interface Deps {
  readonly db: Pool;
  readonly engines: Engines;
}

/**
 * Deletes a volume for good if its time has come and no app uses it. The engine is asked while the
 * app cannot come back, so a deploy at the same moment finds either the volume or none. A process
 * that is killed after the engine has deleted it, does so again: that is nothing to the engine.
 */
export async function removeDue(
  { db, engines }: Deps,
  due: Omit<Deletion, 'leaves_at'>,
): Promise<void> {
  const { volume, app_id: appId, engine: on } = due;
  const { engine } = await engines.of(on);
  await transaction(db, async (tx) => {
    const isBack = await lockReturn(tx, due);
    if (!(await lockDue(tx, volume))) return;
    if (!isBack) await engine.removeVolume(volume);
    await deleteDeletion(tx, volume);
    if (!isBack && (await engine.volumes(appId)).length === 0) await forgetKept(tx, appId);
  });
}
