/** What can be asked of volumes. They are made by apps, and stay when those go. */
import type { UserCaller } from '@cep/contracts/caller';
import type { Input, Reply } from '@cep/contracts/endpoint';
import { Problem } from '@cep/contracts/problems';
import type * as contract from '@cep/contracts/volumes';
import { transaction } from '@cep/database/transaction';
import { statusOf, unavailable } from '../engine/failures.ts';
import type { EngineVolume } from '../engine/volumes.ts';
import { readMeasure } from '../pools/measure.ts';
import type { Measuring } from '../pools/measuring.ts';
import { type Deps as RunDeps, told, whenUnusable } from '../pools/run.ts';
import { getPool, type PoolRow } from '../pools/store.ts';
import { findVolume, volumesIn } from './find.ts';
import { type Known, toVolume } from './present.ts';
import { type Deps as RemoveDeps, removeDue } from './remove.ts';
import {
  deleteDeletion,
  findDeletions,
  findReleased,
  findUsing,
  insertDeletion,
  lockReturn,
} from './store.ts';

export interface Deps extends RemoveDeps {
  readonly measure: Measuring;
}

/** How long a deleted volume can be had back. */
const RETENTION_DAYS = 7;

/** @returns those of used apps first, then by name */
export async function listVolumes(
  deps: Deps,
  { params, query }: Input<typeof contract.listVolumes>,
  { projectId }: UserCaller,
): Promise<Reply<typeof contract.listVolumes>> {
  const pool = await poolWith(deps, params.pool);
  const found = await volumesIn(pool.deps, pool.row, projectId).catch(unavailable);
  const known = await learn(pool, projectId, { volumes: found, sizes: query.sizes });
  const volumes = found.map((volume) => toVolume(volume, known));
  return { volumes: volumes.toSorted((a, b) => order(a).localeCompare(order(b))) };
}

const order = ({ state, name }: contract.Volume) => `${state === 'used' ? 0 : 1} ${name}`;

export async function getVolume(
  deps: Deps,
  { params }: Input<typeof contract.getVolume>,
  { projectId }: UserCaller,
): Promise<contract.Volume> {
  const { pool, volume } = await find(deps, projectId, params);
  return toVolume(volume, await learn(pool, projectId, { volumes: [volume], sizes: true }));
}

/** @throws {Problem} `volume-in-use` while there is the app that it belongs to */
export async function deleteVolume(
  deps: Deps,
  { params, query }: Input<typeof contract.deleteVolume>,
  { projectId }: UserCaller,
): Promise<Reply<typeof contract.deleteVolume>> {
  const { pool, volume } = await find(deps, projectId, params);
  return release(deps, { ...query, volume, engine: pool.row.engine });
}

interface Release {
  readonly volume: EngineVolume;
  /** The name of its engine. */
  readonly engine: string;
  readonly purge: boolean;
}

/** @throws {Problem} `volume-in-use` while there is the app that it belongs to */
export async function release(
  deps: Deps,
  { volume: found, engine, purge }: Release,
): Promise<Reply<typeof contract.deleteVolume>> {
  const { name, projectId, appId, app, volume: own, set } = found;
  const days = purge ? 0 : RETENTION_DAYS;
  const deletion = await transaction(deps.db, async (tx) => {
    const volume = { volume: name, engine, app_id: appId, name: own, volume_set: set };
    if (await lockReturn(tx, volume)) throw inUse(name, app);
    return insertDeletion(tx, { ...volume, project_id: projectId }, days);
  });
  if (purge) {
    await removeDue(deps, deletion).catch((error: unknown) => {
      if (statusOf(error) === 409) throw mountedElsewhere(name);
      return told(error);
    });
  }
  return { leavesAt: deletion.leaves_at.toISOString() };
}

export async function keepVolume(
  deps: Deps,
  { params }: Input<typeof contract.keepVolume>,
  { projectId }: UserCaller,
): Promise<contract.Volume> {
  const { pool, volume } = await find(deps, projectId, params);
  await deleteDeletion(deps.db, volume.name);
  return toVolume(volume, await learn(pool, projectId, { volumes: [volume], sizes: true }));
}

/** A pool, and what asks its engine. */
export interface Opened {
  readonly row: PoolRow;
  readonly deps: RunDeps & Pick<Deps, 'db' | 'measure'>;
}

const poolWith = async (deps: Deps, name: string): Promise<Opened> =>
  open(deps, await getPool(deps.db, name));

export async function open(deps: Deps, row: PoolRow): Promise<Opened> {
  const { engine } = await deps.engines.of(row.engine);
  return { row, deps: { ...deps, engine } };
}

async function find(
  deps: Deps,
  projectId: string,
  { pool: name, volume }: { readonly pool: string; readonly volume: string },
): Promise<{ readonly pool: Opened; readonly volume: EngineVolume }> {
  const pool = await poolWith(deps, name);
  const wanted = { projectId, volume };
  return { pool, volume: await findVolume(pool.deps, pool.row, wanted).catch(unavailable) };
}

interface Wanted {
  readonly volumes: readonly EngineVolume[];
  readonly sizes: boolean;
}

/** @param projectId  of every project when left out */
export async function learn(
  { row, deps }: Opened,
  projectId: string | undefined,
  { volumes, sizes }: Wanted,
): Promise<Known> {
  const ids = volumes.map(({ appId }) => appId);
  const deletions = await findDeletions(deps.db, projectId);
  return {
    pool: row.name,
    using: await findUsing(deps.db, ids),
    released: await findReleased(deps.db, ids),
    leaving: new Map(deletions.map(({ volume, leaves_at: leavesAt }) => [volume, leavesAt])),
    sizes: sizes ? await sizesIn(deps, row).catch(told) : new Map(),
  };
}

async function sizesIn(
  deps: Opened['deps'],
  { name, path }: PoolRow,
): Promise<ReadonlyMap<string, number>> {
  if (path === null) return deps.engine.volumeSizes();
  const lines = await deps.measure(deps, { name, path }).catch(whenUnusable([]));
  return lines.length === 0 ? new Map() : readMeasure(lines).sizes;
}

const inUse = (volume: string, app: string) =>
  new Problem(
    'volume-in-use',
    `The app "${app}" uses "${volume}". Destroy the app first; "cep apps destroy ${app} --volumes" takes its volumes along.`,
  );

const mountedElsewhere = (volume: string) =>
  new Problem(
    'volume-in-use',
    `A container that is not cep's uses "${volume}". Once that is gone, cep deletes it.`,
  );
