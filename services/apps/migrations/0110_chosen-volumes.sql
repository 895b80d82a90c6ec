-- Up Migration

-- What of a backup is restored, as its own `contents`; null: all of it, with the template of that time.
alter table backup_jobs add column contents jsonb;
-- What of the backups that a job deletes lies in their repository, as restic names it.
alter table backup_jobs add column snapshots text[] not null default '{}';
-- In `contents` of backups, and of jobs, `chosen` says that somebody named these volumes.
