-- Up Migration

-- A host's newest bundle has the number `networks.bundle_version + hosts.bundle_version`. What changes
-- the bundles of all hosts counts up the one, what changes those of a few counts up theirs: whatever
-- order changes are committed in, the sum grows with each.
alter table networks add bundle_version integer not null default 0;

-- Who is a lighthouse is said, no longer told from its public address: relays may have one, too. Any
-- host may have a port of its own. A revoked host keeps its name and its address, and gets no
-- certificate again.
alter table hosts
  add relay boolean not null default false,
  add interface boolean not null default true,
  add revoked_at timestamptz,
  alter lighthouse drop expression,
  alter lighthouse set default false,
  drop constraint hosts_check,
  add constraint hosts_lighthouse_check
    check (not lighthouse or (public_address is not null and port is not null));

-- What hosts' agents say of themselves, and which of the connections to all replicas is theirs. A
-- replica that died leaves `connection` behind, but counts up `seen_at` no more.
create table agents (
  host_id uuid primary key references hosts on delete cascade,
  connection uuid,
  seen_at timestamptz not null default now(),
  bundle_version integer,
  fingerprint text,
  nebula_version text,
  agent_version text,
  problem text,
  reported_at timestamptz
);

create index on agents (connection) where connection is not null;

-- Of two certificates that one host was issued, the later one counts, not that of the transaction
-- which began later.
alter table certificates alter issued_at set default clock_timestamp();
