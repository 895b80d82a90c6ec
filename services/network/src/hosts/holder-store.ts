/**
 * What the `hosts` table says of keys: who is certified, and who signs. With `store.ts` the only module
 * that reads or writes that table.
 */
import { sql } from '@cep/database/sql';
import type { Db, Tx } from '@cep/database/transaction';

/** What is needed of a host to give it a certificate. */
export interface HolderRow {
  readonly id: string;
  readonly name: string;
  readonly ordinal: number;
  readonly address: string;
  readonly groups: string[];
  /** base64url; null before the first machine enrols. */
  readonly tunnelKey: string | null;
  /** As its machine said last. */
  readonly nebulaVersion: string | null;
  readonly lighthouse: boolean;
  readonly relay: boolean;
  readonly interface: boolean;
  readonly port: number | null;
  /** Whether an agent speaks for it. */
  readonly live: boolean;
}

/** Until this transaction ends, nobody else gives the host keys. One that was revoked is not found. */
export async function lockHost(
  tx: Tx,
  networkId: string,
  name: string,
): Promise<HolderRow | undefined> {
  const { rows } = await tx.query<HolderRow>(sql`
    select id, name, ordinal, address, groups, tunnel_key as "tunnelKey",
      nebula_version as "nebulaVersion", lighthouse, relay, interface, port,
      signing_key is not null as live
    from hosts
    where network_id = ${networkId} and name = ${name} and revoked_at is null
    for update`);
  return rows[0];
}

/** Every live host of a network that was not revoked. */
export async function findHolders(
  tx: Tx,
  networkId: string,
): Promise<(HolderRow & { readonly tunnelKey: string })[]> {
  const { rows } = await tx.query<HolderRow & { readonly tunnelKey: string }>(sql`
    select id, name, ordinal, address, groups, tunnel_key as "tunnelKey",
      nebula_version as "nebulaVersion", lighthouse, relay, interface, port, true as live
    from hosts
    where network_id = ${networkId} and signing_key is not null and revoked_at is null
    order by id
    for update`);
  return rows;
}

/** Whose the host is now. Without a signing key it is given the newest bundle there is, and none after it. */
export async function updateMachine(
  tx: Tx,
  id: string,
  machine: {
    readonly tunnelKey: string;
    readonly signingKey?: string | undefined;
    readonly nebulaVersion: string | null;
  },
): Promise<void> {
  const { tunnelKey, signingKey = null, nebulaVersion } = machine;
  await tx.query(sql`
    update hosts set
      tunnel_key = ${tunnelKey}, signing_key = ${signingKey}, nebula_version = ${nebulaVersion},
      archive_version = case
        when ${signingKey}::text is null then hosts.bundle_version + networks.bundle_version
      end
    from networks
    where hosts.id = ${id} and networks.id = hosts.network_id`);
}

export async function updateNebulaVersion(
  tx: Tx,
  id: string,
  version: string | null,
): Promise<void> {
  await tx.query(sql`update hosts set nebula_version = ${version} where id = ${id}`);
}

/** What the host's machine said last of its nebula, if it said anything. */
export async function findNebulaVersion(db: Db, id: string): Promise<string | undefined> {
  const { rows } = await db.query<{ version: string | null }>(sql`
    select nebula_version as version from hosts where id = ${id}`);
  return rows[0]?.version ?? undefined;
}

export async function updateTunnelKey(tx: Tx, id: string, tunnelKey: string): Promise<void> {
  await tx.query(sql`update hosts set tunnel_key = ${tunnelKey} where id = ${id}`);
}

/** The key that an enrolled host signs with, revoked or not. */
export interface SignerRow {
  readonly hostId: string;
  readonly host: string;
  readonly networkId: string;
  readonly network: string;
  /** Ed25519, raw, base64url. */
  readonly signingKey: string;
  readonly revoked: boolean;
}

export async function findSigner(db: Db, hostId: string): Promise<SignerRow | undefined> {
  const { rows } = await db.query<SignerRow>(sql`
    select hosts.id as "hostId", hosts.name as host, networks.id as "networkId",
      networks.name as network, signing_key as "signingKey", revoked_at is not null as revoked
    from hosts join networks on networks.id = hosts.network_id
    where hosts.id = ${hostId} and signing_key is not null`);
  return rows[0];
}
