-- Up Migration

-- What root things of other services belong to, by id. Its name is unique in the installation.
create table projects (
  id uuid primary key,
  name text not null constraint projects_name unique,
  created_at timestamptz not null default now()
);

-- People. `project_id` is the project they act in unless they name another. `password_hash` is in
-- PHC form, e.g. `$argon2id$v=19$m=19456,t=2,p=1$…`; null: no password yet, so none signs in.
create table users (
  id uuid primary key,
  username text not null constraint users_username unique,
  role text not null check (role in ('admin', 'user')),
  password_hash text,
  project_id uuid not null references projects,
  created_at timestamptz not null default now()
);

-- Who may act in which project; everybody is a member of their own.
create table project_members (
  project_id uuid not null references projects on delete cascade,
  user_id uuid not null references users on delete cascade,
  primary key (project_id, user_id)
);

-- Credentials: `session`s come from signing in and have no name, `api` tokens are made by name.
-- `hash` is the SHA-256 of the secret, which is 256 random bits and kept nowhere.
-- Whoever adds or ends a credential of a user holds the lock on the row of that user, so that none
-- is added beside a change of the password.
create table tokens (
  id uuid primary key,
  user_id uuid not null references users on delete cascade,
  kind text not null check (kind in ('session', 'api')),
  name text,
  hash bytea not null unique check (length(hash) = 32),
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  expires_at timestamptz,
  constraint tokens_name unique (user_id, name),
  check ((kind = 'api') = (name is not null)),
  check (kind = 'api' or expires_at is not null)
);

create index on tokens (expires_at);
