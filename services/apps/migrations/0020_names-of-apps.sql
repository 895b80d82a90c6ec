-- Up Migration

-- The name of an app on its network, as the network service states it, e.g. wiki.home, and who has it
-- if the app does not. Null: not stated yet.
alter table apps add domain text, add domain_taken_by text;
