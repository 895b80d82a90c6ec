-- Up Migration

-- What of a backup is restored, as its own `contents`; null: all of it, with the template of that time.
alter table backup_jobs add column contents jsonb;
-- In `contents` of backups, and of jobs, `chosen` says that somebody named these volumes.
