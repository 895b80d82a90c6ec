/** The only module that reads or writes the columns `warned_at`. */
import { sql } from '@cep/database/sql';
import type { Tx } from '@cep/database/transaction';

interface ExpiringCertificate {
  readonly hostId: string;
  readonly networkId: string;
  readonly name: string;
  readonly expiresAt: Date;
}

/** @returns newest certificates with less than a quarter of their lifetime left, each once */
export async function takeExpiringCertificates(tx: Tx): Promise<ExpiringCertificate[]> {
  const { rows } = await tx.query<ExpiringCertificate>(sql`
    update certificates set warned_at = now()
    from hosts
    where hosts.id = certificates.host_id and hosts.revoked_at is null
      and certificates.revoked_at is null and warned_at is null
      and not_after - now() < (not_after - issued_at) / 4
      and not exists (
        select from certificates newer
        where newer.host_id = hosts.id and newer.issued_at > certificates.issued_at
      )
    returning hosts.id as "hostId", hosts.network_id as "networkId", hosts.name,
      certificates.not_after as "expiresAt"`);
  return rows;
}

interface ExpiringAuthority {
  readonly networkId: string;
  readonly fingerprint: string;
  readonly expiresAt: Date;
}

/** @returns authorities that sign and have less than a year left, each once */
export async function takeExpiringAuthorities(tx: Tx): Promise<ExpiringAuthority[]> {
  const { rows } = await tx.query<ExpiringAuthority>(sql`
    update authorities set warned_at = now()
    where state = 'current' and warned_at is null and not_after < now() + interval '1 year'
    returning network_id as "networkId", fingerprint, not_after as "expiresAt"`);
  return rows;
}
