-- Up Migration

-- Facts that are committed but not yet sent, oldest first. Empty when all is well.
create table outbox (
  seq bigint generated always as identity primary key,
  id uuid not null unique,
  name text not null,
  data jsonb not null
);

-- Facts that are settled here, by the queue they came through: they took effect, or lie in
-- dead_letters. Kept for 30 days, much longer than any of them can be delivered again.
create table inbox (
  queue text not null,
  message_id uuid not null,
  received_at timestamptz not null default now(),
  primary key (queue, message_id)
);

create index on inbox using brin (received_at);

-- Facts that a handler refused each time, where no broker keeps them. Empty when all is well.
create table dead_letters (
  queue text not null,
  message_id uuid not null,
  name text not null,
  data jsonb not null,
  reason text not null,
  buried_at timestamptz not null default now(),
  primary key (queue, message_id)
);
