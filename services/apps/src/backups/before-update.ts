/** The backup that is made before an app is changed, so that its data can be had back as well. */
import type { Tx } from '@cep/database/transaction';
import type { Sealer } from '@cep/sealing/sealer';
import type { AppRow } from '../apps/store.ts';
import { lockAppById } from '../apps/store.ts';
import { openDocument } from '../generations/document.ts';
import { findGeneration } from '../generations/store.ts';
import type { Template } from '../templates/template.ts';
import { beginBackup } from './begin.ts';
import { contentsOf } from './contents.ts';
import { findSchedule } from './schedule-store.ts';
import { findDefaultTarget, getTargetById } from './target-store.ts';

/**
 * Begins one when the update makes a generation, there is a target for it (the schedule's, or the default
 * one), and the app has data; unless its template says no. The new generation waits for it, and is given
 * up if it fails.
 *
 * @param before  the app as it was
 */
export async function backUpBefore(
  { sealer }: { readonly sealer: Sealer },
  tx: Tx,
  { before, template }: { readonly before: AppRow; readonly template: Template },
): Promise<void> {
  if (template.update?.backupBefore === false) return;
  // What never ran has no data that would be missed.
  if (before.good === null || before.good !== before.generation) return;
  const app = await lockAppById(tx, before.id);
  if (!app || app.generation === before.generation) return;
  const schedule = await findSchedule(tx, app.id);
  const target = schedule
    ? await getTargetById(tx, schedule.target_id)
    : await findDefaultTarget(tx);
  if (!target) return;
  const generation = await findGeneration(tx, app.id, before.generation);
  if (!generation) return;
  const { rendered } = openDocument(sealer, app.id, generation.document);
  if (contentsOf(rendered, template.volumes).volumes.length === 0) return;
  const number = before.generation;
  // What runs before the update does so in containers that are up.
  const mode = template.hooks?.preUpdate ? 'pause' : undefined;
  await beginBackup({ sealer }, tx, { app, target, cause: 'update', mode, generation: number });
}
