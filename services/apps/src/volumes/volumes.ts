/** What can be asked of volumes. They are made by apps, and stay when those go. */
import type { UserCaller } from '@cep/contracts/caller';
import type { Input, Reply } from '@cep/contracts/endpoint';
import { Problem } from '@cep/contracts/problems';
import type * as contract from '@cep/contracts/volumes';
import { transaction } from '@cep/database/transaction';
import type { Pool } from 'pg';

import { statusOf, unavailable, whenAway } from '../engine/failures.ts';
import type { EngineVolume } from '../engine/volumes.ts';
import { LOCAL } from '../engines/local.ts';
import type { Member } from '../engines/member.ts';
import type { Engines } from '../engines/registry.ts';
import { findEngines } from '../engines/store.ts';
import { type Known, POOL, toVolume } from './present.ts';
import { removeDue } from './remove.ts';
import { deleteDeletion, findDeletions, findUsing, insertDeletion, lockReturn } from './store.ts';

export interface Deps {
  readonly db: Pool;
  readonly engines: Engines;
}

/** How long a deleted volume can be had back. */
const RETENTION_DAYS = 7;

/** Each engine has one, where it keeps volumes by itself. */
export async function listPools({ db, engines }: Deps): Promise<Reply<typeof contract.listPools>> {
  const pools = (await findEngines(db)).map(async ({ name: on }) => {
    const { engine } = await engines.of(on);
    const path = await engine.volumeFolder().catch(whenAway(null));
    return { name: poolOf(on), engine: on, driver: 'local', path };
  });
  return { pools: await Promise.all(pools) };
}

/** @returns those of used apps first, then by name */
export async function listVolumes(
  deps: Deps,
  { params, query }: Input<typeof contract.listVolumes>,
  { projectId }: UserCaller,
): Promise<Reply<typeof contract.listVolumes>> {
  const { engine } = await engineOf(deps, params.pool);
  const found = await engine.volumesOf(projectId).catch(unavailable);
  const known = await learn(deps, params.pool, projectId, found, query.sizes);
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
  return toVolume(volume, await learn(deps, params.pool, projectId, [volume], true));
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
    const on = engineName(params.pool);
    const volume = { volume: name, engine: on, app_id: appId, name: own, volume_set: set };
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
  return toVolume(volume, await learn(deps, params.pool, projectId, [volume], true));
}

async function find(
  deps: Deps,
  projectId: string,
  { pool, volume: name }: { readonly pool: string; readonly volume: string },
): Promise<EngineVolume> {
  const { engine } = await engineOf(deps, pool);
  const volumes = await engine.volumesOf(projectId).catch(unavailable);
  const found = volumes.find((each) => each.name === name);
  if (found) return found;
  throw new Problem('not-found', `There is no volume "${name}". See "cep storage volume list".`);
}

/** The pool of an engine has its name; that of the local one is {@link POOL}. */
const poolOf = (engine: string): string => (engine === LOCAL ? POOL : engine);

const engineName = (pool: string): string => (pool === POOL ? LOCAL : pool);

async function engineOf({ db, engines }: Deps, pool: string): Promise<Member> {
  const names = (await findEngines(db)).map(({ name }) => name);
  if (pool !== LOCAL && names.includes(engineName(pool))) return engines.of(engineName(pool));
  const pools = names.map(poolOf).join(', ');
  throw new Problem('not-found', `There is no pool "${pool}". There is: ${pools}.`);
}

async function learn(
  deps: Deps,
  pool: string,
  projectId: string,
  volumes: readonly EngineVolume[],
  sizes: boolean,
): Promise<Known> {
  const { db } = deps;
  const { engine } = await engineOf(deps, pool);
  const deletions = await findDeletions(db, projectId);
  return {
    pool,
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
