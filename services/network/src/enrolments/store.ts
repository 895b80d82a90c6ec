/** The only module that reads or writes the `enrolments` table. */
import { only } from '@cep/database/rows';
import { sql } from '@cep/database/sql';
import type { Db, Tx } from '@cep/database/transaction';

interface EnrolmentRow {
  readonly codeHash: Buffer;
  readonly live: boolean;
  readonly usedFor: Buffer | null;
}

/** Replaces the host's code, used or not. */
export async function putEnrolment(
  tx: Tx,
  hostId: string,
  codeHash: Uint8Array,
  minutes: number,
): Promise<Date> {
  const { rows } = await tx.query<{ expires_at: Date }>(sql`
    insert into enrolments (host_id, code_hash, expires_at)
    values (${hostId}, ${codeHash}, now() + make_interval(mins => ${minutes}))
    on conflict (host_id) do update set
      code_hash = excluded.code_hash, expires_at = excluded.expires_at, used_for = null
    returning expires_at`);
  return only(rows).expires_at;
}

export async function findEnrolment(tx: Tx, hostId: string): Promise<EnrolmentRow | undefined> {
  const { rows } = await tx.query<EnrolmentRow>(sql`
    select code_hash as "codeHash", expires_at > now() as live, used_for as "usedFor"
    from enrolments where host_id = ${hostId}`);
  return rows[0];
}

/** As {@link findEnrolment}, of the host that somebody names. */
export async function findEnrolmentOf(
  db: Db,
  { network, host }: { readonly network: string; readonly host: string },
): Promise<EnrolmentRow | undefined> {
  const { rows } = await db.query<EnrolmentRow>(sql`
    select code_hash as "codeHash", expires_at > now() as live, used_for as "usedFor"
    from enrolments
      join hosts on hosts.id = enrolments.host_id
      join networks on networks.id = hosts.network_id
    where networks.name = ${network} and hosts.name = ${host}`);
  return rows[0];
}

export async function markUsed(tx: Tx, hostId: string, usedFor: Uint8Array): Promise<void> {
  await tx.query(sql`update enrolments set used_for = ${usedFor} where host_id = ${hostId}`);
}

export async function deleteEnrolment(tx: Tx, hostId: string): Promise<void> {
  await tx.query(sql`delete from enrolments where host_id = ${hostId}`);
}
