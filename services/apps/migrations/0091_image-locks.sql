-- Up Migration

-- By the name that the template has for an image, what it stood for when the generation was made,
-- e.g. {"redis:8": "redis@sha256:..."}. Null: a generation from before this was kept, which goes by names.
alter table generations add column images jsonb;
