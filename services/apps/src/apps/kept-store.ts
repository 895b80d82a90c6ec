import { sql } from '@cep/database/sql';
import type { Db, Tx } from '@cep/database/transaction';
import type { VolumeSets } from '../engine/names.ts';
import type { AppRow, FoundApp } from './store.ts';

/** An app that was destroyed and whose volumes are still there. */
interface Kept {
  readonly app_id: string;
  readonly store: string;
  readonly template: string;
  /** Where the volumes are. */
  readonly engine: string;
  /** Sealed, for the app's id. */
  readonly document: Buffer;
  readonly volume_sets: VolumeSets;
}

export async function insertKept(tx: Tx, app: FoundApp): Promise<void> {
  await tx.query(sql`
    insert into kept (project_id, name, store, template, engine, app_id, document, volume_sets)
    values (${app.project_id}, ${app.name}, ${app.store}, ${app.template}, ${app.engine}, ${app.id},
            ${app.document}, ${JSON.stringify(app.volume_sets)})
    on conflict (project_id, name, store, template) do update
    set engine = excluded.engine, app_id = excluded.app_id, document = excluded.document,
      volume_sets = excluded.volume_sets, kept_at = excluded.kept_at`);
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
    returning app_id, store, template, engine, document, volume_sets`);
  return rows[0];
}

/**
 * Where an app of this name is, or what it has left: there it goes again unless told otherwise.
 *
 * @returns the name of an engine; nothing when there is nothing of the kind
 */
export async function findHome(
  db: Db,
  projectId: string,
  { name, store, template }: Pick<AppRow, 'name' | 'store' | 'template'>,
): Promise<string | undefined> {
  const { rows } = await db.query<{ engine: string }>(sql`
    select engine from apps where project_id = ${projectId} and name = ${name}
    union all
    select engine from kept
    where project_id = ${projectId} and name = ${name} and store = ${store}
      and template = ${template}`);
  return rows[0]?.engine;
}
