-- Up Migration

-- Who sees a store, and may deploy from it, besides administrators: `projects`, by their names, or
-- everyone. The store that cep brings has a row too; a store of kind `own` has no place outside: its
-- templates are put there by administrators, and `refreshed_at` is when one last was.
alter table stores
  drop constraint stores_name_check,
  drop constraint stores_kind_check,
  alter column location drop not null,
  add check (kind in ('builtin', 'git', 'folder', 'own')),
  add check ((kind = 'builtin') = (name = 'cep')),
  add check ((location is null) = (kind in ('builtin', 'own'))),
  add column everyone boolean not null default true,
  add column projects text[] not null default '{}';
insert into stores (name, kind, warnings) values ('cep', 'builtin', '[]');

-- Templates that nobody deploys until they are enabled again. One stays so while its store does not
-- have it, and until the store is removed.
create table disabled_templates (
  store text not null references stores on delete cascade,
  template text not null,
  primary key (store, template)
);
