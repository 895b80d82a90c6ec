-- Up Migration

-- What came of the programs that a generation runs once, by phase: see services/apps/src/hooks/store.ts.
alter table generations add column hooks jsonb not null default '{}';
