/** What can be asked of volumes. They are made by apps, and stay when those go. */
import type { UserCaller } from '@cep/contracts/caller';
import type { Input, Reply } from '@cep/contracts/endpoint';
import { Problem } from '@cep/contracts/problems';
import type * as contract from '@cep/contracts/volumes';
import { transaction } from '@cep/database/transaction';
import type { Pool } from 'pg';
import type { Engine, EngineVolume } from '../engine/engine.ts';
import { statusOf, unavailable, whenAway } from '../engine/failures.ts';
import { type Known, POOL, toVolume } from './present.ts';
import { removeDue } from './remove.ts';
import { deleteDeletion, findDeletions, findUsing, insertDeletion, lockReturn } from './store.ts';

export interface Deps {
  readonly db: Pool;
  readonly engine: Engine;
}

/** How long a deleted volume can be had back. */
const RETENTION_DAYS = 7;

export async function listPools({ engine }: Deps): Promise<Reply<typeof contract.listPools>> {
  const path = await engine.volumeFolder().catch(whenAway(null));
  return { pools: [{ name: POOL, driver: 'local', path }] };
}

/** @returns those of used apps first, then by name */
export async function listVolumes(
  deps: Deps,
  { params, query }: Input<typeof contract.listVolumes>,
  { projectId }: UserCaller,
): Promise<Reply<typeof contract.listVolumes>> {
  assertPool(params.pool);
  const found = await deps.engine.volumesOf(projectId).catch(unavailable);
  const known = await learn(deps, projectId, found, query.sizes);
  const volumes = found.map((volume) => toVolume(volume, known));
  return { volumes: volumes.toSorted((a, b) => order(a).localeCompare(order(b))) };
}

const order = ({ state, name }: contract.Volume) => `${state === 'used' ? 0 : 1} ${name}`;

export async function getVolume(
  deps: Deps,
  { params }: Input<typeof contract.getVolume>,
  { projectId }: UserCaller,
): Promise<contract.Volume> {
  const volume = await find(deps, projectId, params);
  return toVolume(volume, await learn(deps, projectId, [volume], true));
}

/** @throws {Problem} `volume-in-use` while there is the app that it belongs to */
export async function deleteVolume(
  deps: Deps,
  { params, query }: Input<typeof contract.deleteVolume>,
  { projectId }: UserCaller,
): Promise<Reply<typeof contract.deleteVolume>> {
  const { name, appId, app, volume: own, set } = await find(deps, projectId, params);
  const days = query.purge ? 0 : RETENTION_DAYS;
  const deletion = await transaction(deps.db, async (tx) => {
    const volume = { volume: name, app_id: appId, name: own, volume_set: set };
    if (await lockReturn(tx, volume)) throw inUse(name, app);
    return insertDeletion(tx, { ...volume, project_id: projectId }, days);
  });
  if (query.purge) {
    await removeDue(deps, deletion).catch((error: unknown) => {
      if (statusOf(error) === 409) throw mountedElsewhere(name);
      throw error;
    });
  }
  return { leavesAt: deletion.leaves_at.toISOString() };
}

export async function keepVolume(
  deps: Deps,
  { params }: Input<typeof contract.keepVolume>,
  { projectId }: UserCaller,
): Promise<contract.Volume> {
  const volume = await find(deps, projectId, params);
  await deleteDeletion(deps.db, volume.name);
  return toVolume(volume, await learn(deps, projectId, [volume], true));
}

async function find(
  { engine }: Deps,
  projectId: string,
  { pool, volume: name }: { readonly pool: string; readonly volume: string },
): Promise<EngineVolume> {
  assertPool(pool);
  const volumes = await engine.volumesOf(projectId).catch(unavailable);
  const found = volumes.find((each) => each.name === name);
  if (found) return found;
  throw new Problem('not-found', `There is no volume "${name}". See "cep storage volume list".`);
}

function assertPool(pool: string): void {
  if (pool === POOL) return;
  throw new Problem('not-found', `There is no pool "${pool}". There is "${POOL}".`);
}

async function learn(
  { db, engine }: Deps,
  projectId: string,
  volumes: readonly EngineVolume[],
  sizes: boolean,
): Promise<Known> {
  const deletions = await findDeletions(db, projectId);
  return {
    using: await findUsing(
      db,
      volumes.map(({ appId }) => appId),
    ),
    leaving: new Map(deletions.map(({ volume, leaves_at: leavesAt }) => [volume, leavesAt])),
    sizes: sizes ? await engine.volumeSizes().catch(unavailable) : new Map(),
  };
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
