-- Up Migration

-- Who may reach whom on a network. One without a row has no policy. The document is as it was sent:
-- `json` keeps the order of its members.
create table policies (
  network_id uuid primary key references networks on delete cascade,
  document json not null,
  changed_at timestamptz not null default now()
);
