import { only } from '@cep/database/rows';
import { sql } from '@cep/database/sql';
import type { Db, Tx } from '@cep/database/transaction';
import { setOf, type VolumeSets } from '../engine/names.ts';

export interface Deletion {
  readonly volume: string;
  /** The name of the engine that it is in. */
  readonly engine: string;
  readonly app_id: string;
  /** The template's name for it, and which restore has made it; empty: none. */
  readonly name: string;
  readonly volume_set: string;
  readonly leaves_at: Date;
}

/** Puts a deletion down, or brings one forward; never later than it was. */
export async function insertDeletion(
  tx: Tx,
  deletion: Omit<Deletion, 'leaves_at'> & { readonly project_id: string },
  days: number,
): Promise<Deletion> {
  const { rows } = await tx.query<Deletion>(sql`
    insert into volume_deletions (volume, engine, project_id, app_id, name, volume_set, leaves_at)
    values (${deletion.volume}, ${deletion.engine}, ${deletion.project_id}, ${deletion.app_id},
            ${deletion.name}, ${deletion.volume_set}, now() + make_interval(days => ${days}))
    on conflict (volume) do update
    set leaves_at = least(volume_deletions.leaves_at, excluded.leaves_at)
    returning *`);
  return only(rows);
}

export async function deleteDeletion(db: Db, volume: string): Promise<void> {
  await db.query(sql`delete from volume_deletions where volume = ${volume}`);
}

/** None of the volumes that an app comes back to is to go any more. */
export async function stayVolumes(tx: Tx, appId: string, sets: VolumeSets): Promise<void> {
  await tx.query(sql`
    delete from volume_deletions
    where app_id = ${appId}
      and volume_set = coalesce(${JSON.stringify(sets)}::jsonb ->> name, '')`);
}

/** @param projectId  of every project when left out */
export async function findDeletions(db: Db, projectId?: string): Promise<Deletion[]> {
  const { rows } = await db.query<Deletion>(sql`
    select * from volume_deletions
    where ${projectId ?? null}::uuid is null or project_id = ${projectId ?? null}`);
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

/**
 * By app, since when volumes of it that nothing uses wait: since it was destroyed; for one that is there,
 * since its newest generation, which may be later than that.
 */
export async function findReleased(db: Db, ids: readonly string[]): Promise<Map<string, Date>> {
  const { rows } = await db.query<{ app_id: string; at: Date }>(sql`
    select app_id, kept_at as at from kept where app_id = any(${ids})
    union all
    select app_id, max(created_at) as at from generations where app_id = any(${ids})
    group by app_id`);
  return new Map(rows.map(({ app_id: id, at }) => [id, at]));
}

/** By apps that there are, which volumes they may use: now, when they return, or once restored. */
export type Used = ReadonlyMap<string, readonly VolumeSets[]>;

export async function findUsing(db: Db, ids: readonly string[]): Promise<Used> {
  const { rows } = await db.query<{ id: string; sets: VolumeSets[] }>(sql`
    select id, (
      select coalesce(jsonb_agg(volume_sets), '[]') from (
        select volume_sets from generations
        where app_id = apps.id and number in (generation, coalesce(good, generation))
        union all select volume_sets from backup_jobs where app_id = apps.id
      ) as used
    ) as sets
    from apps where id = any(${ids})`);
  return new Map(rows.map(({ id, sets }) => [id, sets]));
}

interface OneVolume {
  readonly appId: string;
  /** The template's name for it. */
  readonly volume: string;
  readonly set: string;
}

/** Whether the app of a volume is there and may use it. Pure. */
export const isUsed = (used: Used, { appId, volume, set }: OneVolume): boolean =>
  used.get(appId)?.some((sets) => setOf(sets, volume) === set) ?? false;

/**
 * Keeps an app from coming back with its volumes until the transaction ends.
 *
 * @returns whether it is there already, and may use this one
 */
export async function lockReturn(
  tx: Tx,
  {
    app_id: appId,
    name: volume,
    volume_set: set,
  }: Pick<Deletion, 'app_id' | 'name' | 'volume_set'>,
): Promise<boolean> {
  await tx.query(sql`select from kept where app_id = ${appId} for update`);
  return isUsed(await findUsing(tx, [appId]), { appId, volume, set });
}

/** Nothing is left that the app could come back to. */
export async function forgetKept(tx: Tx, appId: string): Promise<void> {
  await tx.query(sql`delete from kept where app_id = ${appId}`);
}
