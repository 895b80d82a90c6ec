import type { AnonymousCaller, UserCaller } from '@cep/contracts/caller';
import { Problem } from '@cep/contracts/problems';
import type { User } from '@cep/contracts/users';
import { transaction } from '@cep/database/transaction';
import { networkOf } from '@cep/http/address';
import { hashOf, newSecret } from '../tokens/secrets.ts';
import { getExpiry, insertSession } from '../tokens/store.ts';
import { findAccount, lockUser } from '../users/store.ts';
import type { Deps } from '../users/users.ts';

const SESSION_DAYS = 30;

interface Credentials {
  readonly username: string;
  readonly password: string;
}

/**
 * Exchanges a password for a session. A wrong name and a wrong password look the same and take the
 * same time.
 *
 * @throws {Problem} `wrong-credentials`; `too-many-requests` when it was tried too often
 */
export async function signIn(
  { db, passwords, attempts }: Deps,
  { username, password }: Credentials,
  caller: AnonymousCaller | UserCaller,
): Promise<{ secret: string; expiresAt: string; user: User }> {
  const origin = caller.kind === 'user' ? caller.userId : networkOf(caller.address);
  await attempts.count(username, origin);
  const account = await findAccount(db, username);
  const known = account?.passwordHash ?? null;
  if (!(await passwords.verify(known, password)) || !account) throw wrongCredentials();
  await attempts.forgive(username, origin);

  const secret = newSecret();
  const expiresAt = await transaction(db, async (tx) => {
    const { passwordHash } = await lockUser(tx, account.user.id);
    if (passwordHash !== known) throw wrongCredentials(); // changed since it was compared
    const session = { userId: account.user.id, hash: hashOf(secret), days: SESSION_DAYS };
    return insertSession(tx, session);
  });
  return { secret, expiresAt: expiresAt.toISOString(), user: account.user };
}

const wrongCredentials = () =>
  new Problem('wrong-credentials', 'The username or the password is wrong.');

/** @throws {Problem} `not-signed-in` when the credential was just ended */
export async function whoAmI({ db }: Pick<Deps, 'db'>, caller: UserCaller) {
  const { userId: id, username, role, projectId, projectName, tokenId } = caller;
  const expiresAt = await getExpiry(db, tokenId);
  return {
    user: { id, username, role },
    project: { id: projectId, name: projectName },
    expiresAt: expiresAt?.toISOString() ?? null,
  };
}
