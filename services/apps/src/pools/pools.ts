/** What can be done with pools. */
import type { UserCaller } from '@cep/contracts/caller';
import type { Input, Reply } from '@cep/contracts/endpoint';
import type * as contract from '@cep/contracts/pools';
import { Problem } from '@cep/contracts/problems';
import { transaction } from '@cep/database/transaction';
import type { Pool } from 'pg';
import { Failure, isAway, messageOf, unavailable, whenAway } from '../engine/failures.ts';
import { LOCAL } from '../engines/local.ts';
import type { Engines } from '../engines/registry.ts';
import { volumesIn } from '../volumes/find.ts';
import { flawOf, readSpots, type Spot } from './ground.ts';
import { readMeasure } from './measure.ts';
import type { Measuring } from './measuring.ts';
import { readPath, wayTo } from './path.ts';
import { toDetails, toPool } from './present.ts';
import { type Deps as RunDeps, told, whenUnusable, workIn } from './run.ts';
import { deletePool as deleteRow, findPools, getPool as getRow, insertPool } from './store.ts';

export interface Deps extends Pick<RunDeps, 'instance' | 'backupImage'> {
  readonly db: Pool;
  readonly engines: Engines;
  readonly measure: Measuring;
}

/** @returns those of engines themselves first; nothing is measured */
export async function listPools(deps: Deps): Promise<Reply<typeof contract.listPools>> {
  const rows = await findPools(deps.db);
  const pools = rows.map(async (row) => {
    const { engine, lost } = await deps.engines.of(row.engine);
    const path = row.path ?? (await engine.volumeFolder().catch(whenAway(null)));
    return toPool(row, { path, lost: lost() });
  });
  return { pools: await Promise.all(pools) };
}

/** @throws {Problem} `not-found` */
export async function getPool(
  deps: Deps,
  { params }: Input<typeof contract.getPool>,
  { projectId }: UserCaller,
): Promise<contract.PoolDetails> {
  const row = await getRow(deps.db, params.pool);
  const { engine, lost } = await deps.engines.of(row.engine);
  const path = row.path ?? (await engine.volumeFolder().catch(whenAway(null)));
  const within = { ...deps, engine };
  try {
    const lines =
      row.path === null
        ? await workIn(within, { do: 'space' })
        : await deps.measure(within, { name: row.name, path: row.path });
    const measured = readMeasure(lines);
    const sizes = row.path === null ? await engine.volumeSizes() : measured.sizes;
    const volumes = await volumesIn(within, row, projectId);
    return toDetails(toPool(row, { path, lost: lost() }), { measured, sizes, volumes });
  } catch (error) {
    if (!isAway(error) && !(error instanceof Failure)) throw error;
    const volumes = await volumesIn(within, row, projectId).catch(whenAway([]));
    const why = lost() || isAway(error) ? undefined : messageOf(error);
    return toDetails(toPool(row, { path, lost: lost(), why }), { volumes });
  }
}

/**
 * Makes a folder of an engine's machine a pool. The same again changes nothing, but marks the folder again
 * if somebody has taken the mark away. Two at once are put in order by the database, before either
 * writes to the disk; a process that is killed leaves a marked folder, which the same again takes.
 *
 * @throws {Problem} `forbidden`; `invalid-request` for a path; `name-taken`; `pool-overlaps`;
 *   `pool-unusable` for a folder; `not-found` for the engine; `unavailable`
 */
export async function putPool(
  deps: Deps,
  { params, body }: Input<typeof contract.putPool>,
  caller: UserCaller,
): Promise<contract.Pool> {
  assertAdmin(caller);
  const { engine: on = LOCAL } = body;
  const { engine, lost } = await deps.engines.of(on);
  const dockerFolder = (await engine.volumeFolder().catch(unavailable)).replace(/\/volumes$/, '');
  const path = readPath(body.path, dockerFolder);
  const within = { ...deps, engine };
  const flaw = flawOf(path, await lookAt(within, path));
  if (flaw) throw new Problem('pool-unusable', flaw);
  await transaction(deps.db, async (tx) => {
    await insertPool(tx, { name: params.pool, engine: on, path });
    await workIn(within, { do: 'take', path }).catch(told);
  });
  return toPool(await getRow(deps.db, params.pool), { path, lost: lost() });
}

/** An engine may lose what a container prints at its very end. */
const LOOKS = 3;

async function lookAt(within: Parameters<typeof workIn>[0], path: string): Promise<Spot[]> {
  let spots: Spot[] = [];
  for (let look = 0; look < LOOKS && spots.length === 0; look += 1) {
    spots = readSpots(await workIn(within, { do: 'look', paths: wayTo(path) }).catch(told));
  }
  return spots;
}

/**
 * Makes a pool that has no volumes a folder as any other. Its folder is released before the row is gone
 * for good: killed in between, the same again ends it.
 *
 * @throws {Problem} `forbidden`; `not-found`; `invalid-request` for that of an engine itself;
 *   `pool-in-use`, with its volumes; `unavailable`
 */
export async function deletePool(
  deps: Deps,
  { params }: Input<typeof contract.deletePool>,
  caller: UserCaller,
): Promise<void> {
  assertAdmin(caller);
  const { name, path, engine: on } = await getRow(deps.db, params.pool);
  if (path === null) {
    const sentence = `"${name}" is where the engine "${on}" keeps volumes by itself: it stays.`;
    throw new Problem('invalid-request', sentence);
  }
  const { engine } = await deps.engines.of(on);
  await transaction(deps.db, async (tx) => {
    await deleteRow(tx, name);
    // Where its disk is away for good there is nothing to release.
    const released = workIn({ ...deps, engine }, { do: 'release', path });
    await released.catch(whenUnusable([])).catch(told);
  });
}

function assertAdmin({ role }: UserCaller): void {
  if (role === 'admin') return;
  throw new Problem('forbidden', 'Only an administrator adds and deletes pools.');
}
