/** The only module that reads or writes the tables `authorities` and `certificates`. */
import { only } from '@cep/database/rows';
import { sql } from '@cep/database/sql';
import type { Db, Tx } from '@cep/database/transaction';
import type { Issued } from './issue.ts';

/** `current` signs; `next` and `old` are trusted, too; `retired` is not. */
type AuthorityState = 'current' | 'next' | 'old' | 'retired';

interface AuthorityRow {
  readonly fingerprint: string;
  readonly certificate: string;
  readonly certificateV2: string | null;
  readonly not_after: Date;
}

interface SigningRow extends AuthorityRow {
  readonly sealed_key: Buffer;
}

export async function insertAuthority(
  tx: Tx,
  networkId: string,
  authority: Issued & { readonly sealedKey: Uint8Array; readonly state: 'current' | 'next' },
): Promise<void> {
  const { fingerprint, certificate, certificateV2, sealedKey, notAfter, state } = authority;
  await tx.query(sql`
    insert into authorities
      (fingerprint, network_id, certificate, certificate_v2, sealed_key, not_after, state)
    values
      (${fingerprint}, ${networkId}, ${certificate}, ${certificateV2}, ${sealedKey}, ${notAfter},
        ${state})`);
}

/** The one that signs. Every network has one: they are made together. */
export async function getAuthority(db: Db, networkId: string): Promise<SigningRow> {
  const { rows } = await db.query<SigningRow>(sql`
    select fingerprint, certificate, certificate_v2 as "certificateV2", not_after, sealed_key
    from authorities
    where network_id = ${networkId} and state = 'current'`);
  return only(rows);
}

/** @returns those that members trust: first the one that signs */
export async function findTrusted(
  db: Db,
  networkId: string,
): Promise<(AuthorityRow & { readonly state: AuthorityState })[]> {
  const { rows } = await db.query<AuthorityRow & { readonly state: AuthorityState }>(sql`
    select fingerprint, certificate, certificate_v2 as "certificateV2", not_after, state
    from authorities
    where network_id = ${networkId} and state <> 'retired'
    order by state = 'current' desc, fingerprint`);
  return rows;
}

/** The key of a retired one is gone for good. */
export async function moveAuthority(
  tx: Tx,
  networkId: string,
  from: AuthorityState,
  to: AuthorityState,
): Promise<void> {
  await tx.query(sql`
    update authorities set state = ${to},
      sealed_key = case when ${to} = 'retired' then null else sealed_key end
    where network_id = ${networkId} and state = ${from}`);
}

interface Holder {
  readonly networkId: string;
  readonly hostId: string;
  readonly ordinal: number;
}

/** @returns whether it is new: the same key, certified twice in a second, gives the same certificate */
export async function insertCertificate(
  tx: Tx,
  { networkId, hostId, ordinal }: Holder,
  issued: Issued & { readonly authority: string },
): Promise<boolean> {
  const { certificate, certificateV2, fingerprint, otherFingerprints, notAfter, authority } =
    issued;
  const { rowCount } = await tx.query(sql`
    insert into certificates
      (fingerprint, other_fingerprints, network_id, authority, host_id, ordinal, certificate,
        certificate_v2, not_after)
    values
      (${fingerprint}, ${otherFingerprints}, ${networkId}, ${authority}, ${hostId}, ${ordinal},
        ${certificate}, ${certificateV2}, ${notAfter})
    on conflict (fingerprint) do nothing`);
  return rowCount === 1;
}

/** @returns whether others must hear of it: one of them had not yet expired */
export async function revokeCertificates(tx: Tx, hostId: string): Promise<boolean> {
  const { rows } = await tx.query<{ live: boolean }>(sql`
    update certificates set revoked_at = now() where host_id = ${hostId} and revoked_at is null
    returning not_after > now() as live`);
  return rows.some(({ live }) => live);
}

/**
 * @returns fingerprints of certificates that are revoked and would otherwise still be good, also where a
 *   clock is a day behind
 */
export async function findRevoked(db: Db, networkId: string): Promise<string[]> {
  const { rows } = await db.query<{ fingerprint: string }>(sql`
    select unnest(certificates.fingerprint || other_fingerprints) as fingerprint
    from certificates join authorities on authorities.fingerprint = certificates.authority
    where certificates.network_id = ${networkId} and revoked_at is not null
      and certificates.not_after > now() - interval '1 day' and authorities.state <> 'retired'
    order by fingerprint`);
  return rows.map(({ fingerprint }) => fingerprint);
}

/** @returns how many certificates the host was issued within the last hour */
export async function countIssued(db: Db, hostId: string): Promise<number> {
  const { rows } = await db.query<{ issued: number }>(sql`
    select count(*)::integer as issued from certificates
    where host_id = ${hostId} and issued_at > now() - interval '1 hour'`);
  return only(rows).issued;
}
