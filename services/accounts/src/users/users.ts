import type { UserCaller } from '@cep/contracts/caller';
import { Problem } from '@cep/contracts/problems';
import { transaction } from '@cep/database/transaction';
import type { Pool } from 'pg';
import { deleteOthers, getExpiry } from '../tokens/store.ts';
import type { Attempts } from './attempts.ts';
import type { Passwords } from './passwords.ts';
import { findAccount, lockUser, updatePassword } from './store.ts';

export interface Deps {
  readonly db: Pool;
  readonly passwords: Passwords;
  readonly attempts: Attempts;
}

interface Change {
  /** Not needed by a user who has none yet. */
  readonly current?: string | undefined;
  readonly next: string;
}

/**
 * Changes the caller's password, and ends all of their credentials but the one in use.
 *
 * @throws {Problem} `wrong-credentials` when `current` is not the password, or is not it any longer;
 *   `too-many-requests` when it was tried too often
 */
export async function changePassword(deps: Deps, change: Change, caller: UserCaller) {
  const { db, passwords } = deps;
  const { userId, username, tokenId } = caller;
  const account = await findAccount(db, username);
  const known = account?.passwordHash ?? null;
  if (known !== null) await confirm(deps, known, change.current ?? '', caller);
  const hash = await passwords.hash(change.next);
  await transaction(db, async (tx) => {
    const { passwordHash } = await lockUser(tx, userId);
    if (passwordHash !== known) throw wrongPassword();
    await getExpiry(tx, tokenId); // a credential that was ended meanwhile must not choose passwords
    await updatePassword(tx, userId, hash);
    await deleteOthers(tx, userId, tokenId);
  });
}

async function confirm(
  deps: Deps,
  hash: string,
  password: string,
  { userId, username }: UserCaller,
) {
  await deps.attempts.count(username, userId);
  if (!(await deps.passwords.verify(hash, password))) throw wrongPassword();
  await deps.attempts.forgive(username, userId);
}

const wrongPassword = () =>
  new Problem('wrong-credentials', 'The current password is not right. Nothing was changed.');
