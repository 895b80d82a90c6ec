-- Up Migration

-- Volumes that are, or are about to be, made and are still to be given to the user whom their template
-- names. Written down before the engine is asked for one, and gone before anything may start that uses it:
-- what stands here is still empty.
create table unowned_volumes (
  volume text primary key
);
