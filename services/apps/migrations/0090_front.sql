-- Up Migration

-- What the front of an app was told last, as a hash; null: not known, so that it is told again.
alter table apps add column front text;
