-- Up Migration

-- The names of projects, as those who act in them bring them along: the accounts service owns them.
create table projects (
  id uuid primary key,
  name text not null
);

-- Who deployed an app first, by username; null for apps from before that was kept.
alter table apps add column deployed_by text;
