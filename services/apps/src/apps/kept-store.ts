import { sql } from '@cep/database/sql';
import type { Tx } from '@cep/database/transaction';
import type { VolumeSets } from '../engine/names.ts';
import type { AppRow, FoundApp } from './store.ts';

/** An app that was destroyed and whose volumes are still there. */
interface Kept {
  readonly app_id: string;
  readonly store: string;
  readonly template: string;
  /** Sealed, for the app's id. */
  readonly document: Buffer;
  readonly volume_sets: VolumeSets;
}

export async function insertKept(tx: Tx, app: FoundApp): Promise<void> {
  await tx.query(sql`
    insert into kept (project_id, name, store, template, app_id, document, volume_sets)
    values (${app.project_id}, ${app.name}, ${app.store}, ${app.template}, ${app.id},
            ${app.document}, ${JSON.stringify(app.volume_sets)})
    on conflict (project_id, name) do update
    set store = excluded.store, template = excluded.template, app_id = excluded.app_id,
      document = excluded.document, volume_sets = excluded.volume_sets`);
}

/** Takes it out, so that one app at a time has the volumes. */
export async function takeKept(
  tx: Tx,
  projectId: string,
  { name, store, template }: Pick<AppRow, 'name' | 'store' | 'template'>,
): Promise<Kept | undefined> {
  const { rows } = await tx.query<Kept>(sql`
    delete from kept
    where project_id = ${projectId} and name = ${name} and store = ${store}
      and template = ${template}
    returning app_id, store, template, document, volume_sets`);
  return rows[0];
}
