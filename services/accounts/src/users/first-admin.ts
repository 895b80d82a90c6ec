import type { User } from '@cep/contracts/users';
import { transaction } from '@cep/database/transaction';
import type { Pool } from 'pg';
import { replaceToken } from '../tokens/tokens.ts';
import type { Passwords } from './passwords.ts';
import { findOldestAdmin, hasUsers, insertFirstAdmin } from './store.ts';

/** The first administrator, and the project that is theirs. */
const FIRST = { username: 'admin', project: 'home' };

/**
 * Makes the first administrator unless there is any user. May be called by several at once, and
 * again at each start: one of them makes it, once.
 *
 * @param password  absent: nobody can sign in as admin until the operator's token has set one
 * @returns whether this call made it
 */
export async function ensureFirstAdmin(
  db: Pool,
  passwords: Passwords,
  password?: string,
): Promise<boolean> {
  if (await hasUsers(db)) return false;
  const passwordHash = password === undefined ? null : await passwords.hash(password);
  return transaction(db, (tx) => insertFirstAdmin(tx, { ...FIRST, passwordHash }));
}

/** An administrator's token, as the operator of this machine is given it. */
export interface OperatorToken {
  readonly user: User;
  readonly secret: string;
}

/**
 * Signs in whoever runs this installation: makes the first administrator if need be, then a token
 * of this name for the oldest one, in place of the token that had the name. The caller must be
 * somebody who holds the database anyway; there is no endpoint for it.
 */
export async function signInOperator(
  db: Pool,
  passwords: Passwords,
  tokenName: string,
): Promise<OperatorToken> {
  await ensureFirstAdmin(db, passwords);
  const user = await findOldestAdmin(db);
  if (!user) throw new Error('there are users, and none of them is an administrator');
  const { secret } = await replaceToken(db, user.id, tokenName);
  return { user, secret };
}
