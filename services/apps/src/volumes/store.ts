import { only } from '@cep/database/rows';
import { sql } from '@cep/database/sql';
import type { Db, Tx } from '@cep/database/transaction';

export interface Deletion {
  readonly volume: string;
  /** The name of the engine that it is in. */
  readonly engine: string;
  readonly app_id: string;
  readonly leaves_at: Date;
}

/** Puts a deletion down, or brings one forward; never later than it was. */
export async function insertDeletion(
  tx: Tx,
  deletion: Pick<Deletion, 'volume' | 'app_id' | 'engine'> & { readonly project_id: string },
  days: number,
): Promise<Deletion> {
  const { rows } = await tx.query<Deletion>(sql`
    insert into volume_deletions (volume, engine, project_id, app_id, leaves_at)
    values (${deletion.volume}, ${deletion.engine}, ${deletion.project_id}, ${deletion.app_id},
            now() + make_interval(days => ${days}))
    on conflict (volume) do update
    set leaves_at = least(volume_deletions.leaves_at, excluded.leaves_at)
    returning *`);
  return only(rows);
}

export async function deleteDeletion(db: Db, volume: string): Promise<void> {
  await db.query(sql`delete from volume_deletions where volume = ${volume}`);
}

/** None of an app's volumes is to go any more. */
export async function stayVolumes(tx: Tx, appId: string): Promise<void> {
  await tx.query(sql`delete from volume_deletions where app_id = ${appId}`);
}

export async function findDeletions(db: Db, projectId: string): Promise<Deletion[]> {
  const { rows } = await db.query<Deletion>(sql`
    select * from volume_deletions where project_id = ${projectId}`);
  return rows;
}

export async function findDue(db: Db): Promise<Deletion[]> {
  const { rows } = await db.query<Deletion>(sql`
    select * from volume_deletions where leaves_at <= now() order by leaves_at`);
  return rows;
}

/** Whether a deletion is still due. Until the transaction ends nobody changes that. */
export async function lockDue(tx: Tx, volume: string): Promise<boolean> {
  const { rowCount } = await tx.query(sql`
    select from volume_deletions where volume = ${volume} and leaves_at <= now() for update`);
  return rowCount === 1;
}

/** Those of `ids` that are apps, and so may use their volumes. */
export async function findUsing(db: Db, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await db.query<{ id: string }>(sql`
    select id from apps where id = any(${ids})`);
  return new Set(rows.map(({ id }) => id));
}

/**
 * Keeps an app from coming back with its volumes until the transaction ends.
 *
 * @returns whether it is there already
 */
export async function lockReturn(tx: Tx, appId: string): Promise<boolean> {
  await tx.query(sql`select from kept where app_id = ${appId} for update`);
  return (await findUsing(tx, [appId])).has(appId);
}

/** Nothing is left that the app could come back to. */
export async function forgetKept(tx: Tx, appId: string): Promise<void> {
  await tx.query(sql`delete from kept where app_id = ${appId}`);
}
