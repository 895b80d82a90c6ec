/** What every restore does, whatever comes back. */
import { randomUUID } from 'node:crypto';
import { Problem } from '@cep/contracts/problems';
import type { Tx } from '@cep/database/transaction';
import type { VolumeSets } from '../engine/names.ts';
import type { OperationRow } from '../operations/store.ts';
import type { Contents } from './contents.ts';
import { isLeaving } from './job-store.ts';
import type { BackupRow } from './store.ts';

export interface Restored {
  readonly row: OperationRow;
  /** The app's. */
  readonly name: string;
}

/**
 * Two restores of one backup do not disturb each other, but its deletion would.
 *
 * @throws {Problem} `backup-unusable`
 */
export async function assertStays(tx: Tx, { id }: BackupRow): Promise<void> {
  if (await isLeaving(tx, id)) throw new Problem('backup-unusable', `"${id}" is being deleted.`);
}

/** What is restored gets volumes of its own; what is not in the backup stays as it is. */
export function setsFor({ volumes }: Contents, before: VolumeSets = {}): VolumeSets {
  const set = randomUUID().slice(0, 8);
  return { ...before, ...Object.fromEntries(volumes.map((volume) => [volume, set])) };
}
