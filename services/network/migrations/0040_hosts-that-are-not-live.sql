-- Up Migration

-- A host without a signing key is not live: nobody can speak for it, so it cannot be told anything. It
-- runs from an archive, and `archive_version` is the version of the bundle that is in it.
alter table hosts
  add archive_version integer,
  drop constraint hosts_check1,
  add constraint hosts_keys_check check (signing_key is null or tunnel_key is not null),
  add constraint hosts_archive_version_check
    check ((archive_version is null) = (tunnel_key is null or signing_key is not null));
