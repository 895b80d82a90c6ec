-- Up Migration

-- The overlays. Their names are DNS zones, so two projects cannot both have a network "home"; their
-- ranges are apart, so that one machine can be on any of them.
create table networks (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null,
  name text not null,
  cidr cidr not null check (family(cidr) = 4 and masklen(cidr) between 8 and 28),
  created_at timestamptz not null default now(),
  constraint networks_name_key unique (name),
  constraint networks_cidr_excl exclude using gist (cidr inet_ops with &&)
);

create index on networks (project_id, name);

-- A network's certificate authority. The key is sealed for the purpose `authority-key:FINGERPRINT`.
create table authorities (
  fingerprint text primary key,
  network_id uuid not null unique references networks on delete cascade,
  certificate text not null,
  sealed_key bytea not null,
  not_after timestamptz not null
);

-- The key that signs a network's bundles, Ed25519, as PKCS #8 sealed for the purpose
-- `bundle-key:NETWORK-ID`. It is not the authority's: it can say what is, and make no identity.
create table bundle_keys (
  network_id uuid primary key references networks on delete cascade,
  public_key text not null,
  sealed_key bytea not null
);

-- A host holds one ordinal of its network; its address is the network's base plus the ordinal, kept
-- for reading: in 10.42.0.0/16 ordinal 258 is 10.42.1.2. It has keys once a machine has enrolled.
create table hosts (
  id uuid primary key default gen_random_uuid(),
  network_id uuid not null references networks on delete cascade,
  name text not null,
  ordinal integer not null check (ordinal >= 1),
  address text not null,
  public_address text,
  port integer check (port between 1 and 65535),
  lighthouse boolean not null generated always as (public_address is not null) stored,
  groups text[] not null,
  tunnel_key text,
  signing_key text,
  bundle_version integer not null default 0,
  created_at timestamptz not null default now(),
  constraint hosts_network_id_name_key unique (network_id, name),
  unique (network_id, ordinal),
  check ((public_address is null) = (port is null)),
  check ((tunnel_key is null) = (signing_key is null))
);

-- The one code that a host can be enrolled with, as its SHA-256: a new one replaces it. A used one
-- stays, with the SHA-256 of the keys it was used for, so that the same machine may ask again when
-- the reply was lost.
create table enrolments (
  host_id uuid primary key references hosts on delete cascade,
  code_hash bytea not null,
  expires_at timestamptz not null,
  wrong_tries integer not null default 0,
  used_for bytea
);

-- Every certificate that was issued, also those of hosts that are gone: until `not_after` a revoked
-- one is on the blocklist, and its ordinal is given to no other host.
create table certificates (
  fingerprint text primary key,
  network_id uuid not null references networks on delete cascade,
  authority text not null references authorities on delete cascade,
  host_id uuid not null,
  ordinal integer not null,
  certificate text not null,
  issued_at timestamptz not null default now(),
  not_after timestamptz not null,
  revoked_at timestamptz
);

create index on certificates (host_id);
create index on certificates (network_id, not_after);
