-- Up Migration

-- `good` is the last generation that was seen to run: to it cep returns by itself when a later one
-- fails. `asked_at` is when somebody last asked for what is not done yet. What ran at
-- `interrupted_at` and has ended since was stopped by cep; what was started before `restart_at` is
-- to be started anew.
alter table apps
  add column good integer,
  add column asked_at timestamptz not null default now(),
  add column interrupted_at timestamptz,
  add column restart_at timestamptz,
  drop constraint apps_wanted_check,
  add constraint apps_wanted_check check (wanted in ('running', 'stopped', 'destroyed')),
  drop constraint apps_state_check,
  add constraint apps_state_check check (state in (
    'pending', 'pulling', 'starting', 'running', 'failed', 'stopping', 'stopped', 'destroying'));
update apps set good = generation where state = 'running';

-- `state`: a generation is `pending` until it was seen to run; one that failed, was cancelled or was
-- overtaken before is never returned to, and `reason` says why.
alter table generations
  add column cause text not null default 'deploy' check (cause in ('deploy', 'update', 'rollback')),
  add column version text not null default '',
  add column state text not null default 'pending'
    check (state in ('pending', 'good', 'failed', 'cancelled')),
  add column reason jsonb,
  add column created_at timestamptz not null default now();
update generations set version = apps.version,
    state = case when apps.good = number then 'good' else 'pending' end
  from apps where apps.id = app_id;

-- `generation` is what the work is to bring about; null where it is about none in particular.
alter table operations
  add column generation integer,
  drop constraint operations_kind_check,
  add constraint operations_kind_check check (kind in (
    'deploy', 'destroy', 'start', 'stop', 'restart', 'update', 'rollback'));

-- Two generations of an app may ask for the same port on different addresses, or once as they
-- please and once just so.
alter table port_claims
  drop constraint port_claims_app_id_service_protocol_target_wanted_key,
  add constraint port_claims_wish_key
    unique (app_id, address, service, protocol, target, wanted, fixed);
