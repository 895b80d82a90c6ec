import { Problem } from '@cep/contracts/problems';
import type { Db } from '@cep/database/transaction';
import type { Engine } from '../engine/engine.ts';
import type { EngineVolume } from '../engine/volumes.ts';
import { folderOf } from '../pools/folders.ts';
import { findPlacedIn, type Placed, type PoolRow } from '../pools/store.ts';

interface Deps {
  readonly db: Db;
  /** The pool's. */
  readonly engine: Engine;
}

/**
 * The volumes of a project, or of all when it is left out, in one pool. Those of a pool with a path are known though the engine has none
 * of them: not yet, or not any more while its data is still there.
 */
export async function volumesIn(
  { db, engine }: Deps,
  pool: PoolRow,
  projectId?: string,
): Promise<EngineVolume[]> {
  const placed = await findPlacedIn(db, pool.engine, projectId);
  const all = await engine.volumesOf(projectId);
  const poolOf = new Map(placed.map((each) => [each.volume, each.pool]));
  const own = pool.path === null ? undefined : pool.name;
  const there = all.filter(({ name }) => poolOf.get(name) === own);
  const names = new Set(there.map(({ name }) => name));
  const known = placed.filter((each) => each.pool === own && !names.has(each.volume));
  return [...there, ...known.map(toEngineVolume)];
}

/** @throws {Problem} `not-found` */
export async function findVolume(
  deps: Deps,
  pool: PoolRow,
  { projectId, volume: name }: { readonly projectId: string; readonly volume: string },
): Promise<EngineVolume> {
  const found = (await volumesIn(deps, pool, projectId)).find((each) => each.name === name);
  if (found) return found;
  throw new Problem('not-found', `There is no volume "${name}". See "cep storage volume list".`);
}

const toEngineVolume = (placed: Placed): EngineVolume => ({
  name: placed.volume,
  projectId: placed.project_id,
  appId: placed.app_id,
  app: placed.app,
  volume: placed.name,
  set: placed.volume_set,
  path: folderOf(placed),
  createdAt: placed.created_at,
});
