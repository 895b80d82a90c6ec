import type { Reason } from '@cep/contracts/apps';
import { Problem } from '@cep/contracts/problems';
import { sql } from '@cep/database/sql';
import type { Db, Tx } from '@cep/database/transaction';
import type { VolumeSets } from '../engine/names.ts';
import type { Contents } from './contents.ts';

/** How far a job is; see steps.ts for what comes after what. */
export type JobStep =
  | 'init'
  | 'save'
  | 'fill'
  | 'load'
  | 'turn'
  | 'unlock'
  | 'seek'
  | 'delete'
  | 'check'
  | 'end';

/** What is being done about the backups of an app. */
export interface JobRow {
  readonly id: string;
  readonly app_id: string;
  readonly project_id: string;
  readonly kind: 'backup' | 'restore' | 'delete' | 'check';
  readonly step: JobStep;
  readonly backup: string;
  readonly operation_id: string | null;
  /** Whether the app is made by the restore, and has nothing to run before it is filled. */
  readonly is_fresh: boolean;
  /** Whether a check reads everything. */
  readonly is_full: boolean;
  /** Those that a backup reads; those that the app has once a restore is done. */
  readonly volume_sets: VolumeSets;
  /** Sealed, for the app: what a restore makes of it. */
  readonly document: Buffer | null;
  /** What of the backup a restore brings back; null: all of it, and the app as it was then. */
  readonly contents: Contents | null;
  /** Those to be deleted. */
  readonly backups: readonly string[];
  /** What of them lies in the repository, as restic names it, in short. */
  readonly snapshots: readonly string[];
  /** It has failed: what it did is to be undone. */
  readonly failure: Reason | null;
}

type NewJob = Pick<JobRow, 'id' | 'app_id' | 'project_id' | 'kind' | 'step' | 'backup'> &
  Partial<JobRow>;

/** @throws {Problem} `app-busy` while something else is done about the app's backups */
export async function insertJob(tx: Tx, job: NewJob): Promise<void> {
  const { rowCount } = await tx.query(sql`
    insert into backup_jobs (id, app_id, project_id, kind, step, backup, operation_id, is_fresh,
      is_full, volume_sets, document, contents, backups)
    values (${job.id}, ${job.app_id}, ${job.project_id}, ${job.kind}, ${job.step}, ${job.backup},
      ${job.operation_id ?? null}, ${job.is_fresh ?? false}, ${job.is_full ?? false},
      ${JSON.stringify(job.volume_sets ?? {})}, ${job.document ?? null},
      ${job.contents ? JSON.stringify(job.contents) : null}, ${[...(job.backups ?? [])]})
    on conflict (app_id) do nothing`);
  if (rowCount === 1) return;
  throw new Problem(
    'app-busy',
    'Something is being done about the backups of this app. Wait for it, or end it with "cep apps cancel".',
  );
}

export async function findJob(db: Db, appId: string): Promise<JobRow | undefined> {
  const { rows } = await db.query<JobRow>(sql`
    select * from backup_jobs where app_id = ${appId}`);
  return rows[0];
}

/** The apps whose backups on one engine are worked on. */
export async function findJobApps(db: Db, engine: string): Promise<string[]> {
  const { rows } = await db.query<{ app_id: string }>(sql`
    select backup_jobs.app_id from backup_jobs join backups on backups.id = backup
    where engine = ${engine}`);
  return rows.map(({ app_id }) => app_id);
}

/** Of `ids`, the backups that are being restored or deleted; none of them begins to be, until the end. */
export async function lockInUse(tx: Tx, ids: readonly string[]): Promise<Set<string>> {
  await tx.query(sql`select from backups where id = any(${[...ids]}) order by id for update`);
  const { rows } = await tx.query<{ id: string }>(sql`
    select unnest(array_append(backups, backup)) as id from backup_jobs
    where kind in ('restore', 'delete')`);
  return new Set(rows.flatMap(({ id }) => (ids.includes(id) ? id : [])));
}

/** Whether a backup is being deleted. If not, that does not begin until the transaction ends. */
export async function isLeaving(tx: Tx, id: string): Promise<boolean> {
  await tx.query(sql`select from backups where id = ${id} for update`);
  const { rowCount } = await tx.query(sql`
    select from backup_jobs where kind = 'delete' and ${id} = any(backups)`);
  return (rowCount ?? 0) > 0;
}

/** Goes on to another step, unless the job has been ended meanwhile. */
export async function updateStep(db: Db, id: string, step: JobStep): Promise<void> {
  await db.query(sql`
    update backup_jobs set step = ${step} where id = ${id} and failure is null`);
}

/** Goes on to delete what was found, unless the job has been ended meanwhile. */
export async function updateFound(db: Db, id: string, snapshots: readonly string[]): Promise<void> {
  await db.query(sql`
    update backup_jobs set step = 'delete', snapshots = ${[...snapshots]}
    where id = ${id} and failure is null`);
}

/** @returns how often what works on the job was killed, this time too */
export async function countKill(db: Db, id: string): Promise<number> {
  const { rows } = await db.query<{ kills: number }>(sql`
    update backup_jobs set kills = kills + 1 where id = ${id} returning kills`);
  return rows[0]?.kills ?? 0;
}

/** From now on the job only undoes what it did; what failed first stays. */
export async function failJob(db: Db, id: string, failure: Reason): Promise<void> {
  await db.query(sql`
    update backup_jobs set failure = ${JSON.stringify(failure)}, step = 'end'
    where id = ${id} and failure is null`);
}

/** @returns whether it was there, and as it was known */
export async function deleteJob(tx: Tx, { id, step }: JobRow): Promise<boolean> {
  const { rowCount } = await tx.query(sql`
    delete from backup_jobs where id = ${id} and step = ${step}`);
  return rowCount === 1;
}
