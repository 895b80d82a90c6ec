/** Backups in words, for people. Pure. */
import type { Backup, BackupDetails, BackupSchedule } from '@cep/contracts/backups';
import { size } from '../storage/describe.ts';
import { type Columns, card } from '../table.ts';

const minute = (time: string): string => time.slice(0, 16).replace('T', ' ');

export const backupColumns: Columns<Backup> = {
  ID: ({ id }) => id,
  APP: ({ app }) => app,
  OF: ({ only }) => only?.join(', ') ?? 'all',
  MADE: ({ createdAt }) => minute(createdAt),
  STATE: ({ state }) => state,
  FOR: ({ cause }) => cause,
  SIZE: ({ sizeBytes }) => size(sizeBytes),
  ADDED: ({ addedBytes }) => size(addedBytes),
  TARGET: ({ target }) => target,
};

export const describeBackup = (backup: BackupDetails): string =>
  card({
    Id: backup.id,
    App: `${backup.app} (${backup.template} ${backup.version} of ${backup.store})`,
    State: backup.state,
    Why: backup.reason && `${backup.reason.message} ${backup.reason.next}`,
    Mode: backup.mode,
    Only: backup.only?.join(', '),
    Volumes: backup.volumes.join(', '),
    Dumps: backup.dumps.map(({ service, kind }) => `${service} (${kind})`).join(', '),
    Size: size(backup.sizeBytes),
    Added: size(backup.addedBytes),
    Target: backup.target,
    Repository: backup.repository,
    Snapshot: backup.snapshot,
    Made: backup.createdAt,
  });

export function describeSchedule(schedule: BackupSchedule): string {
  const { app, target, everyHours, dailyAt, keep, nextAt } = schedule;
  const kept = [
    keep.last > 0 && `the last ${keep.last}`,
    keep.daily > 0 && `one for each of ${keep.daily} days`,
    keep.weekly > 0 && `one for each of ${keep.weekly} weeks`,
  ].filter(Boolean);
  return card({
    App: app,
    When: dailyAt === undefined ? `every ${everyHours} hours` : `daily at ${dailyAt} UTC`,
    Next: nextAt,
    Keeps: kept.length > 0 ? kept.join(', ') : 'all',
    Target: target,
  });
}
