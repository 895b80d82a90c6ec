/** Backups as callers see them. Pure. */
import type { Backup } from '@cep/contracts/backups';
import { REPOSITORIES } from '../engine/helper-payload.ts';
import { copiedOf } from './contents.ts';
import type { BackupRow } from './store.ts';
import type { TargetRow } from './target-store.ts';

export const toBackup = (row: BackupRow): Backup => ({
  id: row.id,
  app: row.app,
  target: row.target,
  state: row.state,
  cause: row.cause,
  mode: row.mode,
  store: row.store,
  template: row.template,
  version: row.version,
  volumes: copiedOf(row.contents),
  only: row.contents.chosen ? [...row.contents.volumes] : null,
  dumps: (row.contents.dumps ?? []).map(({ service, kind }) => ({ service, kind })),
  sizeBytes: row.size_bytes,
  addedBytes: row.added_bytes,
  reason: row.reason,
  createdAt: row.created_at.toISOString(),
  finishedAt: row.finished_at?.toISOString() ?? null,
});

/** Where a repository is to whoever looks from outside, and to restic in its container. */
export const repositoryAt = ({ location }: Pick<TargetRow, 'location'>, name: string) =>
  `${location}/${name}`;

export const repositoryInside = (target: Pick<TargetRow, 'kind' | 'location'>, name: string) =>
  target.kind === 'folder' ? `${REPOSITORIES}/${name}` : repositoryAt(target, name);
