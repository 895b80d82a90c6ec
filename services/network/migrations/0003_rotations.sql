-- Up Migration

-- A network has one authority that signs, `current`. While it is being replaced there is another one
-- that is trusted, too: first the `next`, then the `old`. A `retired` one is trusted by nobody; its
-- row stays for the certificates that name it, its key does not.
alter table authorities
  drop constraint authorities_network_id_key,
  add state text not null default 'current'
    check (state in ('current', 'next', 'old', 'retired')),
  alter sealed_key drop not null,
  add check ((sealed_key is null) = (state = 'retired'));

create unique index authorities_network_id_state_key on authorities (network_id, state)
  where state <> 'retired';

-- How far a network is with the replacement of its authority: its hosts learn to `trust` the next
-- one, then each is given a certificate that it did `sign`. A stage ends when every host confirmed
-- the bundle that began it, or was left behind.
create table rotations (
  network_id uuid primary key references networks on delete cascade,
  stage text not null check (stage in ('trust', 'sign')),
  left_behind uuid[] not null default '{}',
  started_at timestamptz not null default now()
);

-- The bundle that a host has to confirm in this stage; null when it enrolled later, or there is none.
alter table hosts add confirm_version integer;
