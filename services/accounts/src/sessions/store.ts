import type { UserCaller } from '@cep/contracts/caller';
import { sql } from '@cep/database/sql';
import type { Db } from '@cep/database/transaction';

interface Holder extends Pick<UserCaller, 'tokenId' | 'userId' | 'username' | 'role'> {
  /** Null when the user is neither a member of the project that was asked for nor an administrator. */
  readonly projectId: string | null;
  readonly projectName: string | null;
  readonly isMember: boolean;
  /** Whether the use within this minute is noted already. */
  readonly used: boolean;
}

/** Who holds the credential with this hash, if it is valid now, and the project they act in. */
export async function findHolder(db: Db, hash: Buffer, project?: string) {
  const { rows } = await db.query<Holder>(sql`
    select
      tokens.id as "tokenId",
      users.id as "userId",
      users.username,
      users.role,
      projects.id as "projectId",
      projects.name as "projectName",
      project_members.user_id is not null as "isMember",
      coalesce(tokens.last_used_at > now() - interval '1 minute', false) as used
    from tokens
    join users on users.id = tokens.user_id
    left join projects on case when ${project ?? null}::text is null
      then projects.id = users.project_id else projects.name = ${project ?? null} end
      and (${project ?? null}::text is not null and users.role = 'admin' or exists (
        select from project_members where project_id = projects.id and user_id = users.id))
    left join project_members
      on project_members.project_id = projects.id and project_members.user_id = users.id
    where tokens.hash = ${hash} and (tokens.expires_at is null or tokens.expires_at > now())`);
  return rows[0];
}

/** At most once a minute for a token, however many use it at once. */
export async function noteUse(db: Db, tokenId: string): Promise<void> {
  await db.query(sql`
    update tokens set last_used_at = now()
    where id = ${tokenId}
      and (last_used_at is null or last_used_at <= now() - interval '1 minute')`);
}
