/** What can be asked of backups: each is written down, and the reconciler does it. */
import { randomUUID } from 'node:crypto';
import type * as contract from '@cep/contracts/backups';
import type { UserCaller } from '@cep/contracts/caller';
import type { Input, Reply } from '@cep/contracts/endpoint';
import type { Operation } from '@cep/contracts/operations';
import { Problem } from '@cep/contracts/problems';
import { transaction } from '@cep/database/transaction';
import { lockIdle } from '../apps/change.ts';
import type { Deps } from '../apps/deps.ts';
import { toOperation } from '../operations/operations.ts';
import { insertOperation } from '../operations/store.ts';
import { beginBackup } from './begin.ts';
import { insertJob, type JobRow, lockInUse } from './job-store.ts';
import { repositoryAt, toBackup } from './present.ts';
import { type BackupRow, findBackups, getBackupById, getBackupRow } from './store.ts';
import { getTargetById } from './target-store.ts';
import { chooseTarget } from './targets.ts';

/**
 * @throws {Problem} `not-found`; `app-busy` while the app is changed or backed up; `no-backup-target`;
 *   `invalid-request` for volumes that it does not have, or a mode in which they cannot be saved
 */
export async function createBackup(
  deps: Deps,
  { params, body }: Input<typeof contract.createBackup>,
  { projectId }: UserCaller,
): Promise<Reply<typeof contract.createBackup>> {
  const { backup, operation } = await transaction(deps.db, async (tx) => {
    const app = await lockIdle(tx, projectId, params.app);
    const target = await chooseTarget(tx, body.target);
    const operationId = randomUUID();
    const asked = { id: operationId, projectId, appId: app.id, app: app.name };
    const row = await insertOperation(tx, { ...asked, kind: 'backup', createdAt: new Date() });
    const { mode, volumes } = body;
    const wish = { app, target, cause: 'asked' as const, mode, volumes, operationId };
    const id = await beginBackup(deps, tx, wish);
    return { backup: await getBackupById(tx, id), operation: row };
  });
  deps.loop.wake(backup.app_id);
  return { backup: toBackup(backup), operation: toOperation(operation, deps.progress) };
}

export async function listBackups(
  { db }: Pick<Deps, 'db'>,
  { query }: Input<typeof contract.listBackups>,
  { projectId }: UserCaller,
): Promise<Reply<typeof contract.listBackups>> {
  return { backups: (await findBackups(db, projectId, query.app)).map(toBackup) };
}

export async function getBackup(
  { db }: Pick<Deps, 'db'>,
  { params }: Input<typeof contract.getBackup>,
  { projectId }: UserCaller,
): Promise<contract.BackupDetails> {
  const row = await getBackupRow(db, projectId, params.backup);
  const target = await getTargetById(db, row.target_id);
  const repository = repositoryAt(target, row.repository);
  return { ...toBackup(row), repository, snapshot: row.snapshot };
}

type Started = { readonly operation: Operation };

/** @throws {Problem} `not-found`, `app-busy` */
export const deleteBackup = (
  deps: Deps,
  { params }: Input<typeof contract.deleteBackup>,
  { projectId }: UserCaller,
): Promise<Started> =>
  start(deps, {
    ...{ projectId, id: params.backup, operation: 'backup-delete' },
    job: ({ id }) => ({ kind: 'delete', backups: [id] }),
  });

/** @throws {Problem} `not-found`, `app-busy` */
export const checkBackups = (
  deps: Deps,
  { params, body }: Input<typeof contract.checkBackups>,
  { projectId }: UserCaller,
): Promise<Started> =>
  start(deps, {
    ...{ projectId, id: params.backup, operation: 'backup-check' },
    job: () => ({ kind: 'check', is_full: body.full }),
  });

interface Start {
  readonly projectId: string;
  readonly id: string;
  readonly operation: Operation['kind'];
  readonly job: (backup: BackupRow) => Pick<JobRow, 'kind'> & Partial<JobRow>;
}

async function start(deps: Deps, { projectId, id, operation: kind, job }: Start): Promise<Started> {
  const { row, appId } = await transaction(deps.db, async (tx) => {
    const backup = await getBackupRow(tx, projectId, id);
    if (backup.state === 'running') {
      throw new Problem('app-busy', `"${id}" is being made. Wait for it, or end it first.`);
    }
    if ((await lockInUse(tx, [id])).has(id)) {
      throw new Problem('app-busy', `"${id}" is being restored or deleted. Wait for that.`);
    }
    const operationId = randomUUID();
    const asked = { id: operationId, projectId, appId: backup.app_id, app: backup.app };
    // Of one that was never whole there is nothing at its target that could be asked for.
    const step = kind === 'backup-delete' && backup.state === 'failed' ? 'end' : 'unlock';
    await insertJob(tx, {
      ...{ id: randomUUID(), app_id: backup.app_id, project_id: projectId, step },
      ...{ backup: id, operation_id: operationId, ...job(backup) },
    });
    const inserted = await insertOperation(tx, { ...asked, kind, createdAt: new Date() });
    return { row: inserted, appId: backup.app_id };
  });
  deps.loop.wake(appId);
  return { operation: toOperation(row, deps.progress) };
}
