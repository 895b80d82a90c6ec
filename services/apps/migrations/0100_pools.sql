-- Up Migration

-- Paths from one on, as they sort: below /srv/fast is what lies between '/srv/fast/' and '/srv/fast0'.
create type path_range as range (subtype = text, collation = "C");

-- Where volumes lie. Each engine has one pool without a path: there it keeps volumes by itself. It is
-- called as the engine is, that of `local` is called `default`. The others are folders of the engine's
-- machine, which an administrator gave: none is in another one, whoever adds both at once.
create table pools (
  name text primary key,
  engine text not null constraint pools_engine_fkey references engines on delete cascade,
  path text,
  created_at timestamptz not null default now(),
  ground path_range generated always as (
    case when path is not null
      then path_range(engine || ':' || path || '/', engine || ':' || path || '0')
    end) stored,
  constraint pools_name_engine_key unique (name, engine),
  constraint pools_ground_excl exclude using gist (ground with &&)
);
create unique index pools_own on pools (engine) where path is null;
insert into pools (name, engine)
  select case name when 'local' then 'default' else name end, name from engines;

-- Volumes in pools that have a path, from the moment they are wanted until nothing of them is left: so
-- that a pool with volumes stays, also while its engine is not reached. `volume` is the name in the
-- engine, `name` the template's; the row outlives the app as the data does.
create table pool_volumes (
  volume text primary key,
  pool text not null,
  engine text not null,
  project_id uuid not null,
  app_id uuid not null,
  app text not null,
  name text not null,
  volume_set text not null default '',
  created_at timestamptz not null default now(),
  constraint pool_volumes_pool_fkey foreign key (pool, engine) references pools (name, engine)
);
create index on pool_volumes (pool);
create index on pool_volumes (app_id);

-- Since when data waits for its app. Of what was destroyed before this was kept, it counts from now on.
alter table kept add column kept_at timestamptz not null default now();
