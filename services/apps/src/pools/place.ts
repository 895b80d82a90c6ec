/** Where the volumes of an app are to be: written down before any is made, and for as long as it is there. */
import { Problem } from '@cep/contracts/problems';
import type { Tx } from '@cep/database/transaction';
import type { AppRow } from '../apps/store.ts';
import { setOf, type VolumeSets, volumeName } from '../engine/names.ts';
import type { Template } from '../templates/template.ts';
import { choosePools, onlyOf, type PoolWish } from './choose.ts';
import { findPlacedOf, findPool, findPools, insertPoolVolume } from './store.ts';

type App = Pick<AppRow, 'id' | 'name' | 'project_id' | 'engine'>;

interface Wanted {
  /** All of the app's, by the template's names. */
  readonly volumes: readonly string[];
  /** Those of them that are there already: they stay where they are. */
  readonly before?: readonly string[];
  readonly wish?: PoolWish | undefined;
  readonly uses: Template['volumes'];
  readonly sets?: VolumeSets;
}

/** @throws {Problem} `not-found` for a pool; `invalid-request` for a volume; `volume-fixed` */
export async function placeVolumes(tx: Tx, app: App, wanted: Wanted): Promise<void> {
  const { volumes, before = [], wish, uses, sets = {} } = wanted;
  for (const [volume, name] of choosePools(volumes, wish, uses)) {
    if (before.includes(volume)) continue;
    await place(tx, app, { volume, set: setOf(sets, volume), pool: await usable(tx, app, name) });
  }
}

/** What is restored over an app goes where the data lies that it is restored over. */
export async function placeRestored(
  tx: Tx,
  app: App,
  { volumes, before, sets }: Record<'before' | 'sets', VolumeSets> & Pick<Wanted, 'volumes'>,
): Promise<void> {
  const placed = await findPlacedOf(tx, app.id);
  for (const volume of volumes) {
    const now = placed.find(
      (each) => each.name === volume && each.volume_set === setOf(before, volume),
    );
    if (now) await place(tx, app, { volume, set: setOf(sets, volume), pool: now.pool });
  }
}

interface Again extends Pick<Wanted, 'volumes' | 'uses'> {
  readonly engine: string;
  /** What was wanted for the app that is restored, and what is wanted for this one. */
  readonly was: PoolWish | undefined;
  readonly asked: PoolWish | undefined;
}

/** @returns what is wanted for an app that is made anew: pools come and go while backups stay */
export async function wishAgain(tx: Tx, again: Again): Promise<PoolWish> {
  const { volumes, uses, engine, was, asked } = again;
  const now = choosePools(volumes, asked);
  const rest = volumes.filter((volume) => !now.has(volume));
  const before = choosePools(rest, onlyOf(was, rest), uses);
  return {
    ...(await stillThere(tx, engine, Object.fromEntries(before))),
    ...Object.fromEntries(now),
  };
}

async function stillThere(tx: Tx, engine: string, wish: PoolWish): Promise<PoolWish> {
  const pools = await findPools(tx);
  const isThere = (name: string) =>
    pools.some((each) => each.name === name && each.engine === engine);
  return Object.fromEntries(Object.entries(wish).filter(([, name]) => isThere(name)));
}

/** @throws {Problem} `volume-fixed` for volumes that are `there`, and not where they are wanted */
export async function assertPlaced(
  tx: Tx,
  app: Pick<AppRow, 'id' | 'name'>,
  { volumes, there, wish = {} }: Pick<Wanted, 'volumes' | 'wish'> & { there: readonly string[] },
): Promise<void> {
  const placed = await findPlacedOf(tx, app.id);
  for (const [volume, name] of choosePools(volumes, wish)) {
    if (!there.includes(volume)) continue;
    const pool = await findPool(tx, name);
    const now = placed.filter((each) => each.name === volume).map((each) => each.pool);
    if (pool && (pool.path === null ? now.length === 0 : now.includes(name))) continue;
    const where = now[0] ? `in the pool "${now[0]}"` : 'where Docker keeps volumes by itself';
    throw new Problem(
      'volume-fixed',
      `The volume "${volume}" of "${app.name}" is ${where}, and stays there. Leave --pool out; or back the app up and restore it with --as NAME and --pool ${name}.`,
    );
  }
}

/** @returns nothing for the pool of the engine itself */
async function usable(tx: Tx, { engine }: App, name: string): Promise<string | undefined> {
  const pool = await findPool(tx, name);
  if (!pool) {
    throw new Problem(
      'not-found',
      `There is no pool "${name}". See "cep storage pool list"; --pool chooses another one.`,
    );
  }
  if (pool.engine !== engine) {
    throw new Problem(
      'invalid-request',
      `body/pools: the pool "${name}" is on the engine "${pool.engine}", and the app on "${engine}".`,
    );
  }
  return pool.path === null ? undefined : name;
}

interface Placing {
  readonly volume: string;
  readonly set: string;
  readonly pool: string | undefined;
}

async function place(tx: Tx, app: App, { volume, set, pool }: Placing): Promise<void> {
  if (pool === undefined) return;
  const { id, name, project_id, engine } = app;
  const identity = { id, name, generation: 0, volumeSets: { [volume]: set } };
  await insertPoolVolume(tx, {
    ...{ volume: volumeName(identity, volume), pool, engine, project_id },
    ...{ app_id: id, app: name, name: volume, volume_set: set },
  });
}
