-- Up Migration

-- Places for backups, which an administrator added: a folder of the engine's machine, or a bucket.
-- `secrets` is sealed: {"password", "keyId", "keySecret"}, the first of the restic repositories there.
create table backup_targets (
  id uuid primary key default gen_random_uuid(),
  name text not null unique,
  kind text not null check (kind in ('folder', 's3')),
  location text not null,
  secrets bytea not null,
  is_default boolean not null,
  created_at timestamptz not null default now()
);
create unique index backup_targets_default on backup_targets (is_default) where is_default;

-- Backups outlive their app. `engine` is the one whose machine has the target's folder. `repository` is
-- the folder within the target, one for each app, e.g. redis-1f3a9c2b. `contents` is {"volumes": ["data"], "excludes": ["data/cache/*"]};
-- `document` is what the app was made of, sealed for the backup.
create table backups (
  id text primary key,
  project_id uuid not null,
  app_id uuid not null,
  app text not null,
  engine text not null constraint backups_engine_fkey references engines,
  target_id uuid not null references backup_targets,
  repository text not null,
  cause text not null check (cause in ('asked', 'schedule', 'update')),
  mode text not null check (mode in ('stop', 'pause', 'hot')),
  state text not null default 'running' check (state in ('running', 'complete', 'failed')),
  store text not null,
  template text not null,
  version text not null,
  contents jsonb not null,
  document bytea not null,
  snapshot text,
  size_bytes bigint,
  added_bytes bigint,
  reason jsonb,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  check (state <> 'complete' or snapshot is not null)
);
create index on backups (project_id, created_at desc);
create index on backups (app_id);

-- What is being done about the backups of an app, one thing at a time, which keeps the app from other
-- changes. The row is the intent: it goes when the thing is done or has failed. `step` is how far it
-- is; `failure` is set once it is only to be undone. `volume_sets` are those that a backup reads, or
-- that the app has once a restore is done; `document` is what a restore makes of it, sealed as a
-- generation's; `backups` are those to be deleted.
create table backup_jobs (
  id uuid primary key,
  app_id uuid not null unique,
  project_id uuid not null,
  kind text not null check (kind in ('backup', 'restore', 'delete', 'check')),
  step text not null,
  backup text not null references backups,
  operation_id uuid,
  is_fresh boolean not null default false,
  is_full boolean not null default false,
  volume_sets jsonb not null default '{}',
  document bytea,
  backups text[] not null default '{}',
  failure jsonb,
  created_at timestamptz not null default now()
);

create table backup_schedules (
  app_id uuid primary key references apps on delete cascade,
  target_id uuid not null references backup_targets,
  every_hours integer check (every_hours > 0),
  daily_at text,
  keep_last integer not null,
  keep_daily integer not null,
  keep_weekly integer not null,
  next_at timestamptz not null,
  check ((every_hours is null) <> (daily_at is null))
);
create index on backup_schedules (next_at);

-- Which volumes of a generation a restore has filled, and which restore, e.g. {"data": "1f3a9c2b"}; the
-- others are those of the app itself. So what is restored never writes where something else does, and what
-- was there stays.
alter table generations
  add column volume_sets jsonb not null default '{}',
  drop constraint generations_cause_check,
  add constraint generations_cause_check
    check (cause in ('deploy', 'update', 'rollback', 'restore'));
alter table kept add column volume_sets jsonb not null default '{}';
-- The template's name of a volume, and the restore that made it; empty in what was written before.
alter table volume_deletions
  add column name text not null default '',
  add column volume_set text not null default '';

alter table operations
  drop constraint operations_kind_check,
  add constraint operations_kind_check check (kind in (
    'deploy', 'destroy', 'start', 'stop', 'restart', 'update', 'rollback',
    'backup', 'restore', 'backup-delete', 'backup-check'));
