-- Up Migration

-- What an administrator allows one app beyond what every app has, why, and who it was. It goes with
-- the app: what is deployed again asks again.
create table grants (
  app_id uuid not null references apps on delete cascade,
  permission text not null,
  reason text not null check (reason <> ''),
  granted_by uuid not null,
  granted_by_name text not null,
  granted_at timestamptz not null default now(),
  primary key (app_id, permission)
);
