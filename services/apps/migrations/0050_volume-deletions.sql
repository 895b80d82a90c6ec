-- Up Migration

-- Volumes of apps that are gone, which somebody wants gone as well: not before `leaves_at`, so that
-- it can be regretted. The row goes with the volume, or when the app comes back.
create table volume_deletions (
  volume text primary key,
  project_id uuid not null,
  app_id uuid not null,
  leaves_at timestamptz not null
);
create index on volume_deletions (leaves_at);
create index on volume_deletions (app_id);
