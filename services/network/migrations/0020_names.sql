-- Up Migration

-- What people added to a network's zone. A name with an address or an alias is no host's and no
-- app's; that is checked under the network's lock, which all who give names take.
create table records (
  id bigint generated always as identity primary key,
  network_id uuid not null references networks on delete cascade,
  name text not null,
  type text not null check (type in ('A', 'AAAA', 'CNAME', 'TXT')),
  value text not null,
  ttl integer not null check (ttl > 0),
  constraint records_key unique (network_id, name, type, value)
);

-- Apps that run, or ran, on a network, as the apps service states them: `at` is when it did, since
-- events may overtake each other. One that found its name taken is `refused`, until it is free.
create table app_names (
  app_id uuid primary key,
  network_id uuid not null references networks on delete cascade,
  name text not null,
  address text,
  state text not null check (state in ('named', 'refused', 'gone')),
  at timestamptz not null,
  check (address is not null or state = 'gone')
);

create unique index app_names_key on app_names (network_id, name) where state = 'named';
create index on app_names (network_id);
