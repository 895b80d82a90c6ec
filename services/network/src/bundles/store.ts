/**
 * The only module that reads or writes `bundle_keys`, and the columns `bundle_version` and
 * `restored_at`.
 */
import { only } from '@cep/database/rows';
import { sql } from '@cep/database/sql';
import type { Db, Tx } from '@cep/database/transaction';
import type { HostSources } from './compile.ts';
import { type BundleNotice, formatNotice } from './notice.ts';

interface BundleKeyRow {
  readonly network_id: string;
  readonly public_key: string;
  readonly sealed_key: Buffer;
}

export async function insertBundleKey(
  tx: Tx,
  key: { networkId: string; publicKey: string; sealedKey: Uint8Array },
): Promise<void> {
  await tx.query(sql`
    insert into bundle_keys (network_id, public_key, sealed_key)
    values (${key.networkId}, ${key.publicKey}, ${key.sealedKey})`);
}

/** Every network has one: they are made together. */
export async function getBundleKey(db: Db, networkId: string): Promise<BundleKeyRow> {
  const { rows } = await db.query<BundleKeyRow>(sql`
    select * from bundle_keys where network_id = ${networkId}`);
  return only(rows);
}

/** The key of any network, if there is one. */
export async function findAnyBundleKey(db: Db): Promise<BundleKeyRow | undefined> {
  const { rows } = await db.query<BundleKeyRow>(sql`select * from bundle_keys limit 1`);
  return rows[0];
}

/** A host, and the version of the bundle that it has. */
export interface Holding {
  readonly hostId: string;
  readonly have: number;
}

/** @returns those of the hosts that are enrolled and have another bundle than the newest */
export async function findOthers(
  db: Db,
  networkId: string,
  holdings: readonly Holding[],
): Promise<HostSources[]> {
  const { rows } = await db.query<HostSources>(sql`
    select hosts.id, hosts.name, hosts.address, hosts.lighthouse, hosts.relay, hosts.interface,
      hosts.port, hosts.groups, hosts.bundle_version + networks.bundle_version as version, current.certificate,
      current.certificate_v2 as "certificateV2", hosts.nebula_version as "nebulaVersion",
      hosts.signing_key is not null as live
    from unnest(
        ${holdings.map(({ hostId }) => hostId)}::uuid[], ${holdings.map(({ have }) => have)}::integer[]
      ) as holding (host_id, have)
      join hosts on hosts.id = holding.host_id
      join networks on networks.id = hosts.network_id
      join lateral (
        select certificate, certificate_v2 from certificates
        where host_id = hosts.id and revoked_at is null
        order by issued_at desc
        limit 1
      ) current on true
    where networks.id = ${networkId} and hosts.revoked_at is null
      and hosts.bundle_version + networks.bundle_version <> holding.have`);
  return rows;
}

/** @returns the ids of those that were revoked or deleted */
export async function findGone(db: Db, holdings: readonly Holding[]): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(sql`
    select id from unnest(${holdings.map(({ hostId }) => hostId)}::uuid[]) as asked (id)
    where not exists (select from hosts where hosts.id = asked.id and revoked_at is null)`);
  return rows.map(({ id }) => id);
}

/** Every replica hears the notice when the transaction commits. */
export async function countUpHosts(
  tx: Tx,
  hostIds: readonly string[],
  notice: BundleNotice,
): Promise<void> {
  await tx.query(sql`
    with counted as (
      update hosts set bundle_version = bundle_version + 1
      where id in (select id from hosts where id = any(${hostIds}) order by id for update)
    )
    select pg_notify('bundles.' || current_schema(), ${formatNotice(notice)})`);
}

/**
 * Lifts the versions of hosts above those that they have, as far as they have higher ones.
 *
 * @returns the ids of those that were lifted
 */
export async function liftAbove(tx: Tx, holdings: readonly Holding[]): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(sql`
    with ahead as (
      select hosts.id, holding.have + 1 - networks.bundle_version as bundle_version
      from unnest(
          ${holdings.map(({ hostId }) => hostId)}::uuid[], ${holdings.map(({ have }) => have)}::integer[]
        ) as holding (host_id, have)
        join hosts on hosts.id = holding.host_id
        join networks on networks.id = hosts.network_id
      where hosts.bundle_version + networks.bundle_version < holding.have
      order by hosts.id
      for update of hosts
    )
    update hosts set bundle_version = ahead.bundle_version from ahead where hosts.id = ahead.id
    returning hosts.id`);
  return rows.map(({ id }) => id);
}

/** @returns whether this is the first time within the hour */
export async function markRestored(tx: Tx, networkId: string): Promise<boolean> {
  const { rowCount } = await tx.query(sql`
    update networks set restored_at = now()
    where id = ${networkId}
      and (restored_at is null or restored_at < now() - interval '1 hour')`);
  return rowCount === 1;
}

/** As {@link countUpHosts}, of all of the network's. */
export async function countUpNetwork(tx: Tx, networkId: string): Promise<void> {
  await tx.query(sql`
    with counted as (
      update networks set bundle_version = bundle_version + 1 where id = ${networkId}
    )
    select pg_notify(
      'bundles.' || current_schema(), ${formatNotice({ networkId, hostIds: [] })})`);
}
