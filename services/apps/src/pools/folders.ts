/** The folders of volumes in a pool, each on the machine of the pool's engine. */
import { randomUUID } from 'node:crypto';
import type { Db } from '@cep/database/transaction';
import { deleteUnowned } from '../volumes/unowned-store.ts';
import { type Deps as RunDeps, workIn } from './run.ts';
import { deletePoolVolume, findPlaced, type Placed } from './store.ts';

export interface Deps extends RunDeps {
  readonly db: Db;
}

/** Where a volume in a pool is on the machine. */
export const folderOf = ({ path, volume }: Pick<Placed, 'path' | 'volume'>): string =>
  `${path}/${volume}`;

/** By volume, where it is on the machine. */
export const foldersOf = (placed: readonly Placed[]): Map<string, string> =>
  new Map(placed.map((each) => [each.volume, folderOf(each)]));

/** Before the engine is asked for the volume: it binds what is there. */
export async function makeFolder(deps: RunDeps, { path, volume }: Pick<Placed, 'path' | 'volume'>) {
  await workIn(deps, { do: 'make', path, volume });
}

/** The largest volume takes less to remove, milliseconds. */
const REMOVING_MS = 60 * 60 * 1_000;

/**
 * Deletes a volume for good, wherever it lies. Killed anywhere, it can be done again: what is known of
 * where it lies goes last.
 *
 * @throws what the engine says, e.g. 409, when something uses it; then all of it is still there
 */
export async function removeVolume(deps: Deps, name: string): Promise<void> {
  await clearVolume(deps, name);
  await deletePoolVolume(deps.db, name);
}

/**
 * Deletes a volume, but not what is known of where it lies: one that is made under its name is there, empty.
 *
 * @throws as {@link removeVolume}
 */
export async function clearVolume(deps: Deps, name: string): Promise<void> {
  await deps.engine.removeVolume(name);
  await deleteUnowned(deps.db, name);
  const placed = await findPlaced(deps.db, name);
  if (!placed) return;
  const { path, volume } = placed;
  await workIn(deps, { do: 'discard', path, volume, as: `${volume}.${randomUUID()}` }, REMOVING_MS);
}

/** Removes from the disk what was deleted, where that was broken off. */
export async function emptyPool(deps: RunDeps, path: string): Promise<void> {
  await workIn(deps, { do: 'empty', path }, REMOVING_MS);
}
