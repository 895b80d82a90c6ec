-- Up Migration

-- One name may have been that of several templates, each of which has left volumes.
alter table kept drop constraint kept_pkey, add primary key (project_id, name, store, template);
