-- Up Migration

-- Stores that an administrator added; everybody may deploy from them. `location` is a folder of this
-- machine or the URL of a git repository, without credentials. With a `public_key` (Ed25519, 32 bytes in
-- base64) only what its index signs is taken, and `serial`, the index's number, never goes down.
-- `warnings` are sentences about what was not taken at the last look.
create table stores (
  name text primary key check (name <> 'cep'),
  kind text not null check (kind in ('git', 'folder')),
  location text not null,
  public_key text,
  serial bigint not null default 0,
  revision text,
  warnings jsonb not null,
  refreshed_at timestamptz not null default now()
);

-- Their templates as they were at the last look: what is deployed does not change with the store.
-- `outline` is the template as lists show it.
create table store_templates (
  store text not null references stores on delete cascade,
  id text not null,
  compose text not null,
  readme text not null,
  outline jsonb not null,
  primary key (store, id)
);
