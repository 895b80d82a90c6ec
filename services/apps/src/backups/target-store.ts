import { Problem } from '@cep/contracts/problems';
import { only } from '@cep/database/rows';
import { sql } from '@cep/database/sql';
import type { Db, Tx } from '@cep/database/transaction';

export interface TargetRow {
  readonly id: string;
  readonly name: string;
  readonly kind: 'folder' | 's3';
  readonly location: string;
  /** Sealed, for the target. */
  readonly secrets: Buffer;
  readonly is_default: boolean;
  readonly created_at: Date;
  readonly backups: number;
}

const VIEW = `
  select *, (select count(*)::integer from backups where target_id = backup_targets.id) as backups
  from backup_targets`;

/** @returns by name */
export async function findTargets(db: Db): Promise<TargetRow[]> {
  return (await db.query<TargetRow>(`${VIEW} order by name`)).rows;
}

/** @throws {Problem} `not-found` */
export async function getTarget(db: Db, name: string): Promise<TargetRow> {
  const { rows } = await db.query<TargetRow>(`${VIEW} where name = $1`, [name]);
  if (rows[0]) return rows[0];
  throw new Problem('not-found', `There is no target "${name}". See "cep backup target list".`);
}

export async function getTargetById(db: Db, id: string): Promise<TargetRow> {
  return only((await db.query<TargetRow>(`${VIEW} where id = $1`, [id])).rows);
}

export async function findDefaultTarget(db: Db): Promise<TargetRow | undefined> {
  return (await db.query<TargetRow>(`${VIEW} where is_default`)).rows[0];
}

type NewTarget = Pick<TargetRow, 'id' | 'name' | 'kind' | 'location' | 'secrets'>;

/**
 * Until the transaction ends, nobody else holds this place.
 *
 * @throws {Problem} `target-unusable` while somebody does: who waited would keep a connection
 */
export async function lockLocation(tx: Tx, location: string): Promise<void> {
  const { rows } = await tx.query<{ is_free: boolean }>(sql`
    select pg_try_advisory_xact_lock(hashtext('backup-target'), hashtext(${location})) as is_free`);
  if (rows[0]?.is_free) return;
  throw new Problem('target-unusable', `${location} is being tried just now. Wait a minute.`);
}

/** @throws {Problem} `name-taken` */
export async function assertFree(db: Db, name: string): Promise<void> {
  const { rowCount } = await db.query(sql`select from backup_targets where name = ${name}`);
  if (rowCount !== 0) throw taken(name);
}

const taken = (name: string) =>
  new Problem('name-taken', `There is already a target "${name}". Choose another name.`);

/**
 * @param isDefault  left out: if there is no other one
 * @throws {Problem} `name-taken`
 */
export async function insertTarget(
  tx: Tx,
  { id, name, kind, location, secrets }: NewTarget,
  isDefault: boolean | undefined,
): Promise<void> {
  await tx.query('lock table backup_targets in share row exclusive mode');
  if (isDefault) await tx.query('update backup_targets set is_default = false where is_default');
  const { rowCount } = await tx.query(sql`
    insert into backup_targets (id, name, kind, location, secrets, is_default)
    values (${id}, ${name}, ${kind}, ${location}, ${secrets}, coalesce(${isDefault ?? null},
      not exists (select from backup_targets where is_default)))
    on conflict (name) do nothing`);
  if (rowCount === 1) return;
  throw taken(name);
}

/** @throws {Problem} `not-found`; `target-in-use` */
export async function deleteTarget(tx: Tx, name: string): Promise<void> {
  const { rows } = await tx.query<{ id: string; is_used: boolean }>(sql`
    select id, exists (select from backups where target_id = backup_targets.id)
      or exists (select from backup_schedules where target_id = backup_targets.id) as is_used
    from backup_targets where name = ${name} for update`);
  const [target] = rows;
  if (!target) {
    throw new Problem('not-found', `There is no target "${name}". See "cep backup target list".`);
  }
  if (target.is_used) {
    throw new Problem(
      'target-in-use',
      `"${name}" has backups, or is that of a schedule. Delete those first: see "cep backup list".`,
    );
  }
  await tx.query(sql`delete from backup_targets where id = ${target.id}`);
}
