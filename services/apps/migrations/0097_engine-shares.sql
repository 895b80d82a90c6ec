-- Up Migration

-- Who may place apps on an engine besides administrators: `projects`, by their names, or everyone. Those
-- that were there before stay open to everyone, as they were; a new one is closed until it is shared.
alter table engines
  add column everyone boolean not null default true,
  add column projects text[] not null default '{}';
alter table engines alter column everyone set default false;
