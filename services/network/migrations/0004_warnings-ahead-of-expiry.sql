-- Up Migration

-- When it was stated that the certificate, or the authority, is about to end; null: not yet.
alter table certificates add warned_at timestamptz;
alter table authorities add warned_at timestamptz;
