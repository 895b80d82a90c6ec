-- Up Migration

-- When a host last had a newer bundle than this database knows of: it is then a backup that was
-- restored, and every host of the network is sent what it says now.
alter table networks add restored_at timestamptz;
