import { randomUUID } from 'node:crypto';
import { Problem } from '@cep/contracts/problems';
import type { User } from '@cep/contracts/users';
import { sql } from '@cep/database/sql';
import type { Db, Tx } from '@cep/database/transaction';

interface UserRow {
  id: string;
  username: string;
  role: User['role'];
  password_hash: string | null;
}

/** The password's hash stays in this service: hand `user` on, never the whole. */
export interface Account {
  readonly user: User;
  readonly passwordHash: string | null;
}

const toAccount = ({ id, username, role, password_hash }: UserRow): Account => ({
  user: { id, username, role },
  passwordHash: password_hash,
});

export async function findAccount(db: Db, username: string): Promise<Account | undefined> {
  const { rows } = await db.query<UserRow>(sql`
    select id, username, role, password_hash from users where username = ${username}`);
  return rows[0] && toAccount(rows[0]);
}

/** The administrator who was made first. */
export async function findOldestAdmin(db: Db): Promise<User | undefined> {
  const { rows } = await db.query<UserRow>(sql`
    select id, username, role, password_hash from users
    where role = 'admin'
    order by created_at, id limit 1`);
  return rows[0] && toAccount(rows[0]).user;
}

/** Must be held by whoever adds or ends credentials of a user. @throws {Problem} `not-signed-in` */
export async function lockUser(tx: Tx, userId: string): Promise<Account> {
  const { rows } = await tx.query<UserRow>(sql`
    select id, username, role, password_hash from users where id = ${userId} for update`);
  if (!rows[0]) throw new Problem('not-signed-in', 'This user does not exist any longer.');
  return toAccount(rows[0]);
}

export async function updatePassword(tx: Tx, userId: string, hash: string): Promise<void> {
  await tx.query(sql`update users set password_hash = ${hash} where id = ${userId}`);
}

export async function hasUsers(db: Db): Promise<boolean> {
  const { rows } = await db.query<{ any: boolean }>(sql`
    select exists (select from users) as any`);
  return rows[0]?.any ?? false;
}

interface FirstUser {
  readonly username: string;
  readonly project: string;
  readonly passwordHash: string | null;
}

/**
 * Makes an administrator and the project that is theirs, if there is no user at all. Of two at once
 * the second waits on the project's unique name, and then finds it taken.
 *
 * @returns whether it did
 */
export async function insertFirstAdmin(tx: Tx, first: FirstUser): Promise<boolean> {
  const [projectId, userId] = [randomUUID(), randomUUID()];
  const { rowCount } = await tx.query(sql`
    insert into projects (id, name)
    select ${projectId}, ${first.project} where not exists (select from users)
    on conflict on constraint projects_name do nothing`);
  if (rowCount === 0) return false;
  await tx.query(sql`
    insert into users (id, username, role, password_hash, project_id)
    values (${userId}, ${first.username}, 'admin', ${first.passwordHash}, ${projectId})`);
  await tx.query(sql`
    insert into project_members (project_id, user_id) values (${projectId}, ${userId})`);
  return true;
}
