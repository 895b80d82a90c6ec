-- Up Migration

-- The Docker Engines that apps are placed on. `local`, the one of this machine, is always there; the
-- others are reached by TLS in which both sides show a certificate. `key` is sealed. `engine_id` is what
-- an engine calls itself: one Docker is one engine, under whichever address. `addresses` are those of its
-- machine that apps may be bound to.
create table engines (
  name text primary key,
  url text,
  ca text,
  certificate text,
  key bytea,
  addresses text[] not null default '{}',
  platform text,
  engine_id text constraint engines_engine_id_key unique,
  added_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  constraint engines_access_check check (
    num_nonnulls(url, ca, certificate, key, platform, engine_id) = 6
    or name = 'local' and num_nonnulls(url, ca, certificate, key, platform) = 0)
);
insert into engines (name) values ('local');

-- An app stays on its engine for as long as it lives, and so does the data that it leaves.
alter table apps
  add column engine text not null default 'local' constraint apps_engine_fkey references engines,
  add constraint apps_id_engine_key unique (id, engine);
alter table kept
  add column engine text not null default 'local' constraint kept_engine_fkey references engines;
alter table volume_deletions
  add column engine text not null default 'local'
    constraint volume_deletions_engine_fkey references engines;

-- Each engine's machine has its own ports.
alter table port_claims
  add column engine text not null default 'local',
  drop constraint port_claims_pkey,
  add primary key (engine, address, protocol, port),
  add constraint port_claims_app_id_engine_fkey
    foreign key (app_id, engine) references apps (id, engine) on delete cascade;
