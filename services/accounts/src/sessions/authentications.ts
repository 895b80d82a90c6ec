import type { UserCaller } from '@cep/contracts/caller';
import { Problem } from '@cep/contracts/problems';
import type { Pool } from 'pg';
import { hashOf, looksLikeSecret } from '../tokens/secrets.ts';
import { findHolder, noteUse } from './store.ts';

interface Shown {
  readonly secret: string;
  /** Name of the project to act in; absent: the user's own. */
  readonly project?: string | undefined;
}

/**
 * Tells whose credential this is, as it is at this moment: what was revoked or has expired is
 * refused at once. An administrator may name any project, and is told to be an outsider there.
 *
 * @throws {Problem} `not-signed-in`; `forbidden` when the user is not a member of the project, which
 *   says nothing of whether it exists
 */
export async function authenticate(db: Pool, { secret, project }: Shown): Promise<UserCaller> {
  const holder = looksLikeSecret(secret)
    ? await findHolder(db, hashOf(secret), project)
    : undefined;
  if (!holder) {
    throw new Problem('not-signed-in', 'The token is wrong, revoked or expired. Use "cep login".');
  }
  const { projectId, projectName, isMember, used, ...user } = holder;
  if (projectId === null || projectName === null) {
    throw new Problem('forbidden', `You are not a member of a project "${project ?? ''}".`);
  }
  if (!used) await noteUse(db, user.tokenId);
  const known = { kind: 'user' as const, ...user, projectId, projectName };
  return isMember ? known : { ...known, isOutsider: true };
}
