import { transaction } from '@cep/database/transaction';
import { addGeneration } from '../apps/add-generation.ts';
import { lockAppById, touchApp } from '../apps/store.ts';
import { openDocument, outlineOf } from '../generations/document.ts';
import { findGeneration } from '../generations/store.ts';
import { aimOperation } from '../operations/store.ts';
import { deleteJob } from './job-store.ts';
import type { Deps, Task } from './task.ts';

/**
 * The data is whole: makes it the app's, by a generation that uses the new volumes. From here on it is
 * an update like any other: when it does not run, what ran before does so again, on its own volumes.
 */
export async function turn({ db, sealer }: Deps, { job, backup }: Task): Promise<void> {
  const { document, operation_id: operation } = job;
  await transaction(db, async (tx) => {
    if (!(await deleteJob(tx, job))) return;
    const app = await lockAppById(tx, job.app_id);
    if (!app || job.is_fresh || !document) return;
    const before = await findGeneration(tx, app.id, app.generation);
    const { rendered } = openDocument(sealer, app.id, document);
    const number = await addGeneration({ sealer }, tx, {
      ...{ app, document, cause: 'restore' as const },
      // With volumes alone the app stays what it is.
      version: job.contents ? app.version : backup.version,
      images: job.contents && before ? before.images : {},
      address: before?.address ?? '',
      outline: outlineOf(rendered),
      volumeSets: job.volume_sets,
    });
    const askedAt = await touchApp(tx, app.id);
    if (operation) await aimOperation(tx, operation, { generation: number, askedAt });
  });
}
