/** The only module that reads or writes the `networks` table. */
import type { Network } from '@cep/contracts/networks';
import { Problem } from '@cep/contracts/problems';
import { violates } from '@cep/database/errors';
import { only } from '@cep/database/rows';
import { sql } from '@cep/database/sql';
import type { Db, Tx } from '@cep/database/transaction';
import { rangesOf } from './ranges.ts';

/** What the other slices need to know of a network. */
export interface NetworkRow {
  readonly id: string;
  readonly name: string;
  /** e.g. `10.42.0.0/16` */
  readonly cidr: string;
  /** e.g. `fd7c:1e0:9a44:1::/64`; every network of version 2 has one. */
  readonly cidr6: string | null;
  readonly certificateVersion: 1 | 2;
  readonly curve: 'curve25519' | 'p256';
}

interface Described {
  id: string;
  name: string;
  cidr: string;
  cidr6: string | null;
  certificate_version: 1 | 2;
  curve: 'curve25519' | 'p256';
  hosts: number;
  fingerprint: string;
  not_after: Date;
  created_at: Date;
}

const toNetwork = (row: Described): Network => ({
  id: row.id,
  name: row.name,
  cidr: row.cidr,
  cidr6: row.cidr6,
  certificateVersion: row.certificate_version,
  curve: row.curve,
  hosts: row.hosts,
  authority: { fingerprint: row.fingerprint, expiresAt: row.not_after.toISOString() },
  createdAt: row.created_at.toISOString(),
});

/** @param name  when given, only the network of this name */
export async function findNetworks(db: Db, projectId: string, name?: string): Promise<Network[]> {
  const { rows } = await db.query<Described>(sql`
    select networks.id, networks.name, networks.cidr::text, networks.cidr6::text,
      networks.certificate_version, networks.curve, networks.created_at,
      authorities.fingerprint, authorities.not_after,
      (select count(*)::integer from hosts where network_id = networks.id) as hosts
    from networks
      join authorities on authorities.network_id = networks.id and authorities.state = 'current'
    where networks.project_id = ${projectId} and networks.name = coalesce(${name}, networks.name)
    order by networks.name`);
  return rows.map(toNetwork);
}

/** @throws {Problem} `not-found` when the project has no network of this name */
export async function getNetwork(db: Db, projectId: string, name: string): Promise<NetworkRow> {
  const { rows } = await db.query<NetworkRow>(sql`
    select id, name, cidr::text, cidr6::text, certificate_version as "certificateVersion", curve
    from networks where project_id = ${projectId} and name = ${name}`);
  return rows[0] ?? noSuchNetwork(name);
}

/** As {@link getNetwork}, and no other transaction changes the network's hosts until this one ends. */
export async function lockNetwork(tx: Tx, projectId: string, name: string): Promise<NetworkRow> {
  const { rows } = await tx.query<NetworkRow>(sql`
    select id, name, cidr::text, cidr6::text, certificate_version as "certificateVersion", curve
    from networks
    where project_id = ${projectId} and name = ${name}
    for update`);
  return rows[0] ?? noSuchNetwork(name);
}

/**
 * As {@link lockNetwork}, to add a host: only one comes at a time, while machines go on enrolling as
 * those that are there already.
 */
export async function lockNetworkToAdd(
  tx: Tx,
  projectId: string,
  name: string,
): Promise<NetworkRow> {
  const { rows } = await tx.query<NetworkRow>(sql`
    select id, name, cidr::text, cidr6::text, certificate_version as "certificateVersion", curve
    from networks
    where project_id = ${projectId} and name = ${name}
    for no key update`);
  return rows[0] ?? noSuchNetwork(name);
}

/** A network that is known to exist, whichever project it is in. */
export async function getNetworkById(db: Db, id: string): Promise<NetworkRow> {
  const { rows } = await db.query<NetworkRow>(sql`
    select id, name, cidr::text, cidr6::text, certificate_version as "certificateVersion", curve
    from networks where id = ${id}`);
  return only(rows);
}

/** As {@link lockNetwork}, when it is known by its id; nothing when it was deleted. */
export async function lockNetworkById(tx: Tx, id: string): Promise<NetworkRow | undefined> {
  const { rows } = await tx.query<NetworkRow>(sql`
    select id, name, cidr::text, cidr6::text, certificate_version as "certificateVersion", curve
    from networks where id = ${id} for update`);
  return rows[0];
}

/**
 * Of whatever project. Until this transaction ends none of the network's hosts goes, and
 * nobody who uses {@link lockNetwork} goes on; it may still count up the network's bundles itself.
 */
export async function findNetworkForEnrolment(
  tx: Tx,
  name: string,
): Promise<NetworkRow | undefined> {
  const { rows } = await tx.query<NetworkRow>(sql`
    select id, name, cidr::text, cidr6::text, certificate_version as "certificateVersion", curve
    from networks where name = ${name} for key share`);
  return rows[0];
}

export function noSuchNetwork(name: string): never {
  throw new Problem('not-found', `There is no network "${name}" in this project.`);
}

/** Networks are made one at a time: two that were chosen or checked at once could meet. */
export async function lockNetworks(tx: Tx): Promise<void> {
  await tx.query(sql`select pg_advisory_xact_lock(hashtext('networks'))`);
}

/** @returns the ranges of all networks, and the places where lighthouses are outside of them */
export async function findTakenRanges(tx: Tx): Promise<string[]> {
  const { rows } = await tx.query<{ range: string }>(sql`
    select cidr::text as range from networks
    union all
    select cidr6::text from networks where cidr6 is not null
    union all
    select public_address || '/32' from hosts where family(public_address::inet) = 4`);
  return rows.map(({ range }) => range);
}

/** @returns the ranges of the project's networks */
export async function findRanges(db: Db, projectId: string): Promise<string[]> {
  const { rows } = await db.query<Pick<NetworkRow, 'cidr' | 'cidr6'>>(sql`
    select cidr::text, cidr6::text from networks where project_id = ${projectId}`);
  return rows.flatMap(rangesOf);
}

/** @returns the name of a network of the project that `cidr` overlaps */
export async function findOverlap(
  db: Db,
  projectId: string,
  cidr: string,
): Promise<string | undefined> {
  const { rows } = await db.query<{ name: string }>(sql`
    select name from networks
    where project_id = ${projectId} and (cidr && ${cidr}::cidr or cidr6 && ${cidr}::cidr)
    limit 1`);
  return rows[0]?.name;
}

/** @throws {Problem} `name-taken` or `range-overlaps`, whichever project the other one is in */
export async function insertNetwork(
  tx: Tx,
  { projectId, ...network }: Omit<NetworkRow, 'id'> & { projectId: string },
): Promise<Pick<Network, 'id' | 'createdAt'>> {
  const { name, cidr, cidr6, certificateVersion, curve } = network;
  const overlap = await findOverlap(tx, projectId, cidr);
  const overlap6 = cidr6 === null ? undefined : await findOverlap(tx, projectId, cidr6);
  try {
    const { rows } = await tx.query<Pick<Described, 'id' | 'created_at'>>(sql`
      insert into networks (project_id, name, cidr, cidr6, certificate_version, curve)
      values (${projectId}, ${name}, ${cidr}, ${cidr6}, ${certificateVersion}, ${curve})
      returning id, created_at`);
    const { id, created_at } = only(rows);
    return { id, createdAt: created_at.toISOString() };
  } catch (cause) {
    if (violates(cause, 'networks_name_key')) {
      const sentence = `The name "${name}" is taken: no two networks have the same. Choose another.`;
      throw new Problem('name-taken', sentence, { cause });
    }
    if (violates(cause, 'networks_cidr_excl')) throw overlaps(`body/cidr ${cidr}`, overlap, cause);
    if (violates(cause, 'networks_cidr6_excl')) {
      throw overlaps(`body/cidr6 ${cidr6}`, overlap6, cause);
    }
    throw cause;
  }
}

function overlaps(member: string, name: string | undefined, cause: unknown): Problem {
  const other = name === undefined ? 'another network' : `the network "${name}"`;
  const sentence = `${member} overlaps ${other}: give another, or none to have a free one.`;
  return new Problem('range-overlaps', sentence, { cause });
}

export async function deleteNetwork(tx: Tx, id: string): Promise<void> {
  await tx.query(sql`delete from networks where id = ${id}`);
}
