import type { UserCaller } from '@cep/contracts/caller';
import { Problem } from '@cep/contracts/problems';
import type { Db } from '@cep/database/transaction';
import { getEngine } from './store.ts';

/**
 * For what comes to an engine newly; an app that is on it stays there whatever is said later.
 *
 * @throws {Problem} `not-found`; `forbidden` for who is not let in there
 */
export async function assertMayUse(
  db: Db,
  name: string,
  { role, projectName }: UserCaller,
): Promise<void> {
  const { everyone, projects } = await getEngine(db, name);
  if (role === 'admin' || everyone || projects.includes(projectName)) return;
  throw new Problem(
    'forbidden',
    `The engine "${name}" is not open to the project "${projectName}". An administrator lets it in with "cep engine share ${name}"; or leave --on out.`,
  );
}
