import type { Backup } from '@cep/contracts/backups';
import { Problem } from '@cep/contracts/problems';
import { only } from '@cep/database/rows';
import { sql } from '@cep/database/sql';
import type { Db, Tx } from '@cep/database/transaction';
import type { Contents } from './contents.ts';

/** A backup as it is kept, with the name of its target. */
export interface BackupRow {
  readonly id: string;
  readonly project_id: string;
  readonly app_id: string;
  readonly app: string;
  readonly engine: string;
  readonly target_id: string;
  readonly target: string;
  readonly repository: string;
  readonly cause: Backup['cause'];
  readonly mode: Backup['mode'];
  readonly state: Backup['state'];
  readonly store: string;
  readonly template: string;
  readonly version: string;
  readonly contents: Contents;
  /** Sealed, for the backup. */
  readonly document: Buffer;
  readonly snapshot: string | null;
  readonly size_bytes: number | null;
  readonly added_bytes: number | null;
  readonly reason: Backup['reason'];
  readonly created_at: Date;
  readonly finished_at: Date | null;
}

type NewBackup = Pick<
  BackupRow,
  | 'id'
  | 'project_id'
  | 'app_id'
  | 'app'
  | 'engine'
  | 'target_id'
  | 'repository'
  | 'cause'
  | 'mode'
  | 'store'
  | 'template'
  | 'version'
  | 'contents'
  | 'document'
>;

export async function insertBackup(tx: Tx, backup: NewBackup): Promise<void> {
  await tx.query(sql`
    insert into backups (id, project_id, app_id, app, engine, target_id, repository, cause, mode, store,
      template, version, contents, document)
    values (${backup.id}, ${backup.project_id}, ${backup.app_id}, ${backup.app},
      ${backup.engine}, ${backup.target_id}, ${backup.repository}, ${backup.cause}, ${backup.mode}, ${backup.store},
      ${backup.template}, ${backup.version}, ${JSON.stringify(backup.contents)},
      ${backup.document})`);
}

const VIEW = `
  select backups.id, project_id, app_id, app, engine, target_id, backup_targets.name as target, repository,
    cause, mode, state, store, template, version, contents, document, snapshot,
    size_bytes::float8 as size_bytes, added_bytes::float8 as added_bytes, reason,
    backups.created_at, finished_at
  from backups join backup_targets on backup_targets.id = target_id`;

/** @returns newest first */
export async function findBackups(db: Db, projectId: string, app?: string): Promise<BackupRow[]> {
  const { rows } = await db.query<BackupRow>(
    `${VIEW} where project_id = $1 and ($2::text is null or app = $2)
     order by backups.created_at desc, backups.id`,
    [projectId, app ?? null],
  );
  return rows;
}

/** @throws {Problem} `not-found` */
export async function getBackupRow(db: Db, projectId: string, id: string): Promise<BackupRow> {
  const { rows } = await db.query<BackupRow>(`${VIEW} where project_id = $1 and backups.id = $2`, [
    projectId,
    id,
  ]);
  if (rows[0]) return rows[0];
  throw new Problem('not-found', `There is no backup "${id}". See "cep backup list".`);
}

export async function getBackupById(db: Db, id: string): Promise<BackupRow> {
  const { rows } = await db.query<BackupRow>(`${VIEW} where backups.id = $1`, [id]);
  return only(rows);
}

/** Whole ones of an app at a target, newest first. */
export async function findComplete(
  db: Db,
  { app_id, target_id }: Pick<BackupRow, 'app_id' | 'target_id'>,
): Promise<BackupRow[]> {
  const { rows } = await db.query<BackupRow>(
    `${VIEW} where app_id = $1 and target_id = $2 and state = 'complete'
     order by backups.created_at desc`,
    [app_id, target_id],
  );
  return rows;
}

type Saved = Pick<BackupRow, 'snapshot' | 'size_bytes' | 'added_bytes'>;

export async function completeBackup(tx: Tx, id: string, saved: Saved): Promise<void> {
  await tx.query(sql`
    update backups set state = 'complete', finished_at = now(), snapshot = ${saved.snapshot},
      size_bytes = ${saved.size_bytes}, added_bytes = ${saved.added_bytes}
    where id = ${id} and state = 'running'`);
}

export async function failBackup(tx: Tx, id: string, reason: Backup['reason']): Promise<void> {
  await tx.query(sql`
    update backups set state = 'failed', finished_at = now(), reason = ${JSON.stringify(reason)}
    where id = ${id} and state = 'running'`);
}

export async function deleteBackups(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx.query(sql`delete from backups where id = any(${[...ids]})`);
}
