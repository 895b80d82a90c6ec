-- Up Migration

-- Who this installation is, to the engine: every container, network and volume that it makes
-- carries this id, and nothing without it is ever touched. Exactly one row.
create table instance (
  id uuid primary key default gen_random_uuid(),
  single boolean not null default true unique check (single)
);
insert into instance default values;

-- Networks and their enrolled hosts, as the network service states them. What was deleted stays as
-- a mark, so that an older event that arrives late does not bring it back.
create table networks (
  id uuid primary key,
  project_id uuid,
  name text,
  cidr text,
  deleted boolean not null default false,
  check (deleted or (project_id is not null and name is not null and cidr is not null))
);
create index on networks (project_id, name) where not deleted;

create table network_hosts (
  id uuid primary key,
  network_id uuid not null,
  name text,
  address text,
  deleted boolean not null default false,
  check (deleted or (name is not null and address is not null))
);
create index on network_hosts (network_id) where not deleted;

-- An app that somebody wants, or wants gone. `state` and `reason` are what was last seen of it; the
-- row goes when nothing of the app is left but volumes that are kept. `announced` is the last
-- generation that was stated to run.
create table apps (
  id uuid primary key,
  project_id uuid not null,
  name text not null,
  store text not null,
  template text not null,
  version text not null,
  network_id uuid,
  wanted text not null default 'running' check (wanted in ('running', 'destroyed')),
  keep_volumes boolean not null default true,
  generation integer not null default 1,
  announced integer not null default 0,
  state text not null default 'pending'
    check (state in ('pending', 'pulling', 'starting', 'running', 'failed', 'destroying')),
  reason jsonb,
  created_at timestamptz not null default now(),
  constraint apps_project_id_name_key unique (project_id, name)
);

-- What an app is made of, one row for each time that this was decided. `document` is sealed: it
-- holds the parameters and the rendered app, secrets among them. `outline` is what lists need of it:
-- {"services": [{"name", "image"}], "endpoints": [{"name", "service", "port", "scheme", "path"}]}.
create table generations (
  app_id uuid not null references apps on delete cascade,
  number integer not null,
  address text not null,
  document bytea not null,
  outline jsonb not null,
  primary key (app_id, number)
);

-- Who has which port of this machine: one app at a time, e.g. (10.42.0.2, tcp, 6379). `wanted` is
-- the port that the template asks for, `fixed` whether it may be no other.
create table port_claims (
  address text not null,
  protocol text not null check (protocol in ('tcp', 'udp')),
  port integer not null check (port between 1 and 65535),
  app_id uuid not null references apps on delete cascade,
  service text not null,
  target integer not null,
  wanted integer not null,
  fixed boolean not null,
  primary key (address, protocol, port),
  unique (app_id, service, protocol, target, wanted)
);

-- Work that was asked for. It outlives its app, so that the end of a destroy can be seen.
create table operations (
  id uuid primary key,
  project_id uuid not null,
  app_id uuid not null,
  app text not null,
  kind text not null check (kind in ('deploy', 'destroy')),
  state text not null default 'running' check (state in ('running', 'succeeded', 'failed')),
  failure jsonb,
  created_at timestamptz not null default now(),
  finished_at timestamptz
);
create index on operations (app_id) where state = 'running';

-- Volumes that were kept when their app was destroyed: deployed again under the same name, the app
-- gets its id back, and with it the volumes, and the generated secrets that are in them.
create table kept (
  project_id uuid not null,
  name text not null,
  store text not null,
  template text not null,
  app_id uuid not null,
  document bytea not null,
  primary key (project_id, name)
);
