/** Who does what with stores: administrators everything, others see what is open to their project. */
import type { UserCaller } from '@cep/contracts/caller';
import { Problem } from '@cep/contracts/problems';
import type { Db } from '@cep/database/transaction';
import { getStore, type StoreRow, unknownStore } from './store.ts';

export const maySee = (
  { everyone, projects }: Pick<StoreRow, 'everyone' | 'projects'>,
  { role, projectName }: UserCaller,
): boolean => role === 'admin' || everyone || projects.includes(projectName);

/** @throws {Problem} `not-found`, also for one that the caller does not see */
export async function getVisible(db: Db, name: string, caller: UserCaller): Promise<StoreRow> {
  const store = await getStore(db, name);
  if (maySee(store, caller)) return store;
  throw unknownStore(name);
}

/** @throws {Problem} `forbidden` */
export function assertAdmin({ role }: UserCaller): void {
  if (role === 'admin') return;
  throw new Problem('forbidden', 'Only an administrator changes stores and their templates.');
}
