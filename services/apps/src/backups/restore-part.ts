/** Bringing some volumes of an app back from a backup: the others, and what the app is, stay as they are. */
import { randomUUID } from 'node:crypto';
import { Problem } from '@cep/contracts/problems';
import { transaction } from '@cep/database/transaction';
import { currentOf } from '../apps/add-generation.ts';
import { lockIdle } from '../apps/change.ts';
import type { Deps } from '../apps/deps.ts';
import type { AppRow } from '../apps/store.ts';
import type { RenderedApp } from '../compose/model.ts';
import { openDocument } from '../generations/document.ts';
import { insertOperation } from '../operations/store.ts';
import { placeRestored } from '../pools/place.ts';
import { type Contents, partOf } from './contents.ts';
import { openFor } from './document.ts';
import { takes } from './dumps/read.ts';
import { insertJob } from './job-store.ts';
import { assertStays, type Restored, setsFor } from './restored.ts';
import type { BackupRow } from './store.ts';

interface Part {
  readonly backup: BackupRow;
  /** Its app, while there is one. */
  readonly there: Pick<AppRow, 'name' | 'project_id'> | undefined;
  /** By the template's names. */
  readonly volumes: readonly string[];
}

/**
 * @throws {Problem} `invalid-request` for a volume that the backup or the app does not have;
 *   `backup-unusable` when the app is gone, or the backup is being deleted; `app-busy`
 */
export async function restorePart(deps: Deps, { backup, there, volumes }: Part): Promise<Restored> {
  if (!there) {
    const sentence = `"${backup.app}" is gone, and a volume without it is nobody's. Restore all of "${backup.id}" as an app, with --as NAME.`;
    throw new Problem('backup-unusable', sentence);
  }
  const was = openFor(deps.sealer, backup.id, backup.document);
  const contents = partOf(backup.contents, was.rendered.services, volumes);
  const { name, project_id: projectId } = there;
  const row = await transaction(deps.db, async (tx) => {
    await assertStays(tx, backup);
    const app = await lockIdle(tx, projectId, name);
    const { document, volume_sets: before } = await currentOf(tx, app);
    assertFits(contents, openDocument(deps.sealer, app.id, document).rendered, name);
    const sets = setsFor(contents, before);
    await placeRestored(tx, app, { volumes: contents.volumes, sets, before });
    const operation = { id: randomUUID(), projectId, appId: app.id, app: name };
    const inserted = await insertOperation(tx, {
      ...{ ...operation, kind: 'restore', createdAt: new Date() },
    });
    await insertJob(tx, {
      ...{ id: randomUUID(), app_id: app.id, project_id: projectId, kind: 'restore', step: 'fill' },
      ...{ backup: backup.id, operation_id: inserted.id, volume_sets: sets, document, contents },
    });
    return inserted;
  });
  return { row, name };
}

/** The app may have changed since: what comes back must still be somebody's. */
function assertFits({ volumes, dumps = [] }: Contents, now: RenderedApp, app: string): void {
  const [absent] = volumes.filter((volume) => !now.volumes.includes(volume));
  if (absent !== undefined) {
    const sentence = `"${app}" has no volume "${absent}" any more. Restore all of the backup.`;
    throw new Problem('invalid-request', sentence);
  }
  const [odd] = dumps.filter((dump) => !takes(dump, now.services, volumes));
  if (odd) {
    const sentence = `"${app}" has no "${odd.service}" any more that keeps its data so: its dump cannot be loaded. Restore all of the backup.`;
    throw new Problem('invalid-request', sentence);
  }
}
