-- Up Migration

-- A network of version 2 has IPv6 addresses beside those of IPv4. Its hosts have certificates of
-- version 1 nonetheless, for peers that read no other.
alter table networks
  add certificate_version smallint not null default 1 check (certificate_version in (1, 2)),
  add curve text not null default 'curve25519' check (curve in ('curve25519', 'p256')),
  add cidr6 cidr check (family(cidr6) = 6 and masklen(cidr6) between 48 and 96),
  add constraint networks_cidr6_check1 check ((cidr6 is not null) = (certificate_version = 2)),
  add constraint networks_cidr6_excl exclude using gist (cidr6 inet_ops with &&);

-- The same authority, and the same host, in a certificate of version 2: for the same key.
alter table authorities add certificate_v2 text;

-- What is revoked along with a certificate: the one of version 2, and what anybody can turn a P-256
-- certificate into by writing its signature the other way.
alter table certificates
  add certificate_v2 text,
  add other_fingerprints text[] not null default '{}';

-- What a host's machine said last of its nebula: its certificates are made for that.
alter table hosts add nebula_version text;
