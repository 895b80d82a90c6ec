import type { UserCaller } from '@cep/contracts/caller';
import type { Grant } from '@cep/contracts/permissions';
import { sql } from '@cep/database/sql';
import type { Db, Tx } from '@cep/database/transaction';

export interface GrantRow {
  readonly permission: string;
  readonly reason: string;
  readonly granted_by_name: string;
  readonly granted_at: Date;
}

/** @returns by permission */
export async function findGrants(db: Db, appId: string): Promise<GrantRow[]> {
  const { rows } = await db.query<GrantRow>(sql`
    select permission, reason, granted_by_name, granted_at from grants
    where app_id = ${appId} order by permission`);
  return rows;
}

/** Granting again what is granted changes nothing: who did so first, and why, stays. */
export async function insertGrants(
  tx: Tx,
  appId: string,
  grants: readonly Grant[],
  { userId, username }: UserCaller,
): Promise<void> {
  for (const { permission, reason } of grants) {
    await tx.query(sql`
      insert into grants (app_id, permission, reason, granted_by, granted_by_name)
      values (${appId}, ${permission}, ${reason}, ${userId}, ${username})
      on conflict (app_id, permission) do nothing`);
  }
}
