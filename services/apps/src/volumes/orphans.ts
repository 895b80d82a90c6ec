/** Volumes that no app has used for long, in all pools. */
import type { UserCaller } from '@cep/contracts/caller';
import type { Input } from '@cep/contracts/endpoint';
import type * as contract from '@cep/contracts/orphans';
import { Problem } from '@cep/contracts/problems';
import type { Volume } from '@cep/contracts/volumes';
import type { EngineVolume } from '../engine/volumes.ts';
import { told } from '../pools/run.ts';
import { findPools } from '../pools/store.ts';
import { volumesIn } from './find.ts';
import { isOrphan } from './is-orphan.ts';
import { toVolume } from './present.ts';
import { type Deps, learn, type Opened, open, release } from './volumes.ts';

type Which = Input<typeof contract.listOrphans>['query'];

interface Found {
  readonly pool: Opened;
  readonly volume: EngineVolume;
  readonly shown: Volume;
}

interface Search {
  readonly found: readonly Found[];
  readonly failures: readonly string[];
}

/** @throws {Problem} `forbidden` */
export async function listOrphans(
  deps: Deps,
  { query }: Input<typeof contract.listOrphans>,
  caller: UserCaller,
): Promise<contract.Orphans> {
  const { found, failures } = await search(deps, query, caller);
  return { volumes: found.map(({ shown }) => shown), failures: [...failures] };
}

/** Each as `deleteVolume` would: one that cannot go now does not keep the others. @throws {Problem} `forbidden` */
export async function deleteOrphans(
  deps: Deps,
  { body }: Input<typeof contract.deleteOrphans>,
  caller: UserCaller,
): Promise<contract.Orphans> {
  const { found, failures } = await search(deps, body, caller);
  const volumes: Volume[] = [];
  const kept = [...failures];
  for (const { pool, volume, shown } of found) {
    try {
      const wish = { volume, engine: pool.row.engine, purge: body.purge };
      volumes.push({ ...shown, state: 'leaving', ...(await release(deps, wish)) });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      kept.push(error.message);
    }
  }
  return { volumes, failures: kept };
}

async function search(deps: Deps, which: Which, caller: UserCaller): Promise<Search> {
  if (which.all && caller.role !== 'admin') {
    throw new Problem('forbidden', 'Only an administrator sees the volumes of every project.');
  }
  const projectId = which.all ? undefined : caller.projectId;
  const searches = (await findPools(deps.db)).map(async (row): Promise<Search> => {
    try {
      const pool = await open(deps, row);
      const volumes = await volumesIn(pool.deps, row, projectId).catch(told);
      const known = await learn(pool, projectId, { volumes, sizes: true });
      const all = volumes.map((volume) => ({ pool, volume, shown: toVolume(volume, known) }));
      const found = all.filter(({ shown }) => isOrphan(shown, which.olderThanDays, Date.now()));
      return { found, failures: [] };
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return { found: [], failures: [`${row.name}: ${error.message}`] };
    }
  });
  const answers = await Promise.all(searches);
  return {
    found: answers.flatMap(({ found }) => found),
    failures: answers.flatMap(({ failures }) => failures),
  };
}
