-- Up Migration

-- How often what works on a job was killed from outside, e.g. by an engine that ended.
alter table backup_jobs add column kills integer not null default 0;
