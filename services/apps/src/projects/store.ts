import type { UserCaller } from '@cep/contracts/caller';
import { sql } from '@cep/database/sql';
import type { Tx } from '@cep/database/transaction';

/** Keeps what the project is called that somebody acts in, for those who see the apps of all. */
export async function noteProject(
  tx: Tx,
  { projectId, projectName }: Pick<UserCaller, 'projectId' | 'projectName'>,
): Promise<void> {
  // Nothing is locked where nothing changes.
  await tx.query(sql`
    insert into projects (id, name)
    select ${projectId}, ${projectName}
    where not exists (
      select from projects where id = ${projectId} and name = ${projectName})
    on conflict (id) do update set name = excluded.name`);
}
