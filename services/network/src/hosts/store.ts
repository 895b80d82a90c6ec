/** With `holder-store.ts` the only module that reads or writes the `hosts` table. */
import type { Host } from '@cep/contracts/hosts';
import { Problem } from '@cep/contracts/problems';
import { violates } from '@cep/database/errors';
import { only } from '@cep/database/rows';
import { sql } from '@cep/database/sql';
import { together } from '@cep/database/together';
import type { Db, Tx } from '@cep/database/transaction';
import { lint } from '@cep/nebula/lint';
import { readsVersion2 } from '@cep/nebula/versions';
import { address6Of, type Ranges } from './addresses.ts';
import { combinationOf } from './fitness.ts';
import type { Landmark } from './landmarks.ts';
import type { Role } from './role.ts';
import { warningsOf } from './warnings.ts';

interface HostRow {
  id: string;
  name: string;
  address: string;
  public_address: string | null;
  port: number | null;
  lighthouse: boolean;
  relay: boolean;
  interface: boolean;
  groups: string[];
  tunnel_key: string | null;
  archive_version: number | null;
  revoked_since: boolean;
  revoked_at: Date | null;
  created_at: Date;
  newest_version: number;
  fingerprint: string | null;
  issued_at: Date | null;
  not_after: Date | null;
  connected: boolean | null;
  seen_at: Date | null;
  reported_version: number | null;
  nebula_version: string | null;
  agent_version: string | null;
  problem: string | null;
  cidr: string;
  cidr6: string | null;
  certificate_version: 1 | 2;
  curve: 'curve25519' | 'p256';
  has_v2: boolean | null;
}

function toHost(row: HostRow, network: string): Host {
  const settings = { ...row, certificateVersion: row.certificate_version };
  const host: Omit<Host, 'warnings'> = {
    id: row.id,
    name: row.name,
    network,
    address: row.address,
    address6: address6Of(row, row.address),
    lighthouse: row.lighthouse,
    publicAddress: row.public_address,
    port: row.port,
    relay: row.relay,
    interface: row.interface,
    groups: row.groups,
    state: row.revoked_at ? 'revoked' : row.tunnel_key === null ? 'reserved' : 'enrolled',
    live: row.archive_version === null,
    certificate:
      row.fingerprint === null || row.not_after === null
        ? null
        : {
            fingerprint: row.fingerprint,
            expiresAt: row.not_after.toISOString(),
            versions: row.has_v2 ? [1, 2] : [1],
          },
    bundleVersion: row.newest_version,
    agent: {
      connected: row.connected ?? false,
      lastSeenAt: row.seen_at?.toISOString() ?? null,
      bundleVersion: row.archive_version ?? row.reported_version,
      nebulaVersion: row.nebula_version,
      agentVersion: row.agent_version,
      problem: row.problem,
    },
    createdAt: row.created_at.toISOString(),
  };
  const { issued_at: issuedAt, revoked_since: revokedSince } = row;
  const findings = lint(combinationOf(settings, row, row.nebula_version));
  return { ...host, warnings: warningsOf(host, { issuedAt, revokedSince, findings }, new Date()) };
}

interface NetworkOfHosts {
  readonly id: string;
  readonly name: string;
}

/** @param name  when given, only the host of this name */
export async function findHosts(db: Db, network: NetworkOfHosts, name?: string): Promise<Host[]> {
  const { rows } = await db.query<HostRow>(sql`
    select hosts.id, hosts.name, hosts.address, hosts.public_address, hosts.port, hosts.lighthouse,
      hosts.relay, hosts.interface, hosts.groups, hosts.tunnel_key,
      hosts.archive_version, hosts.revoked_at, hosts.created_at,
      hosts.bundle_version + networks.bundle_version as newest_version,
      hosts.archive_version is not null and exists (
        select from certificates
        where network_id = hosts.network_id and not_after > now()
          and revoked_at > current.issued_at
      ) as revoked_since,
      networks.cidr::text, networks.cidr6::text, networks.certificate_version, networks.curve,
      current.fingerprint, current.issued_at, current.not_after, current.has_v2,
      agents.connection is not null and agents.seen_at > now() - interval '90 seconds' as connected,
      agents.seen_at, agents.bundle_version as reported_version,
      coalesce(agents.nebula_version, hosts.nebula_version) as nebula_version, agents.agent_version, agents.problem
    from hosts
      join networks on networks.id = hosts.network_id
      left join agents on agents.host_id = hosts.id
      left join lateral (
        select certificates.fingerprint, issued_at, certificates.not_after,
          certificates.certificate_v2 is not null as has_v2
        from certificates join authorities on authorities.fingerprint = certificates.authority
        where host_id = hosts.id and revoked_at is null and authorities.state <> 'retired'
        order by issued_at desc
        limit 1
      ) current on true
    where hosts.network_id = ${network.id} and hosts.name = coalesce(${name}, hosts.name)
    order by hosts.name`);
  return rows.map((row) => toHost(row, network.name));
}

/** @throws {Problem} `not-found` */
export async function getHost(db: Db, network: NetworkOfHosts, name: string): Promise<Host> {
  const [host] = await findHosts(db, network, name);
  if (host !== undefined) return host;
  throw new Problem('not-found', `There is no host "${name}" on the network "${network.name}".`);
}

/**
 * Until this transaction ends, nobody else chooses a port there.
 *
 * @returns those that hosts have at a public address, of whatever network
 */
export async function takePorts(tx: Tx, publicAddress: string): Promise<number[]> {
  await tx.query(sql`select pg_advisory_xact_lock(hashtext('ports'), hashtext(${publicAddress}))`);
  const { rows } = await tx.query<{ port: number }>(sql`
    select port from hosts
    where public_address = ${publicAddress} and port is not null and revoked_at is null`);
  return rows.map(({ port }) => port);
}

/** A name and where it leads. */
export interface NamedAddresses {
  name: string;
  addresses: string[];
}

/** Of hosts that were not revoked, enrolled or not; by name. */
export async function findHostNames(
  db: Db,
  network: Ranges & { readonly id: string },
): Promise<NamedAddresses[]> {
  const { rows } = await db.query<NamedRow>(sql`
    select name, address, nebula_version as "nebulaVersion" from hosts
    where network_id = ${network.id} and revoked_at is null
    order by name`);
  return rows.map(({ name, address, nebulaVersion }) => {
    // An address that the host cannot have yet would keep who asks waiting.
    const has6 = nebulaVersion !== null && readsVersion2(nebulaVersion);
    const address6 = has6 ? address6Of(network, address) : null;
    return { name, addresses: address6 === null ? [address] : [address, address6] };
  });
}

interface NamedRow {
  readonly name: string;
  readonly address: string;
  readonly nebulaVersion: string | null;
}

/** Also for one that was revoked. */
export async function hasHost(db: Db, networkId: string, name: string): Promise<boolean> {
  const { rowCount } = await db.query(sql`
    select from hosts where network_id = ${networkId} and name = ${name}`);
  return rowCount !== 0;
}

/** Lighthouses and relays that were not revoked, by name. */
export async function findLandmarks(db: Db, networkId: string): Promise<Landmark[]> {
  const { rows } = await db.query<Landmark>(sql`
    select name, address, lighthouse, relay, public_address as "publicAddress", port,
      nebula_version as "nebulaVersion"
    from hosts
    where network_id = ${networkId} and (lighthouse or relay) and revoked_at is null
    order by name`);
  return rows;
}

/**
 * Ordinals that no new host may have, ascending. One that a certificate still names, also where a clock
 * is a day behind, is among them: whoever holds that certificate could pass for the host that has the
 * address next.
 */
export async function findOrdinals(tx: Tx, networkId: string): Promise<number[]> {
  const { rows } = await tx.query<{ ordinals: number[] }>(sql`
    select coalesce(array_agg(ordinal order by ordinal), '{}') as ordinals from (
      select ordinal from hosts where network_id = ${networkId}
      union
      select ordinal from certificates
      where network_id = ${networkId} and not_after > now() - interval '1 day'
    ) as taken`);
  return only(rows).ordinals;
}

interface NewHost extends Role {
  readonly id: string;
  readonly name: string;
  readonly ordinal: number;
  readonly address: string;
  readonly groups: readonly string[];
}

/** @throws {Problem} `name-taken` */
export async function insertHost(tx: Tx, network: NetworkOfHosts, host: NewHost): Promise<Host> {
  const { id, name, ordinal, address, groups } = host;
  try {
    const inserted = tx.query(sql`
      insert into hosts
        (id, network_id, name, ordinal, address, groups, lighthouse, relay, interface,
          public_address, port)
      values
        (${id}, ${network.id}, ${name}, ${ordinal}, ${address}, ${groups}, ${host.lighthouse},
          ${host.relay}, ${host.interface}, ${host.publicAddress}, ${host.port})`);
    const [, made] = await together(inserted, getHost(tx, network, name));
    return made;
  } catch (cause) {
    if (!violates(cause, 'hosts_network_id_name_key')) throw cause;
    const sentence = `The network "${network.name}" already has a host "${name}". Choose another name.`;
    throw new Problem('name-taken', sentence, { cause });
  }
}

export async function updateHost(
  tx: Tx,
  id: string,
  host: Role & { readonly groups: readonly string[] },
): Promise<void> {
  await tx.query(sql`
    update hosts set
      groups = ${host.groups}, lighthouse = ${host.lighthouse}, relay = ${host.relay},
      interface = ${host.interface}, public_address = ${host.publicAddress}, port = ${host.port}
    where id = ${id}`);
}

export async function markRevoked(tx: Tx, id: string): Promise<void> {
  await tx.query(sql`update hosts set revoked_at = now() where id = ${id}`);
}

export async function deleteHost(tx: Tx, id: string): Promise<void> {
  await tx.query(sql`delete from hosts where id = ${id}`);
}
