/** The only module that reads or writes the `policies` table. */
import type { Policy } from '@cep/contracts/policies';
import { only } from '@cep/database/rows';
import { sql } from '@cep/database/sql';
import type { Db, Tx } from '@cep/database/transaction';

/** All null for a network without a policy. */
interface PolicyRow {
  readonly policy: Policy | null;
  readonly changedAt: Date | null;
}

export async function findPolicy(db: Db, networkId: string): Promise<PolicyRow> {
  const { rows } = await db.query<PolicyRow>(sql`
    select document as policy, changed_at as "changedAt" from policies
    where network_id = ${networkId}`);
  return rows[0] ?? { policy: null, changedAt: null };
}

/** @returns when */
export async function putPolicy(tx: Tx, networkId: string, policy: Policy): Promise<Date> {
  const { rows } = await tx.query<{ changed_at: Date }>(sql`
    insert into policies (network_id, document) values (${networkId}, ${JSON.stringify(policy)})
    on conflict (network_id) do update set document = excluded.document, changed_at = now()
    returning changed_at`);
  return only(rows).changed_at;
}
