import { Problem } from '@cep/contracts/problems';
import { violates } from '@cep/database/errors';
import { sql } from '@cep/database/sql';
import type { Db, Tx } from '@cep/database/transaction';

export interface PoolRow {
  readonly name: string;
  readonly engine: string;
  /** Nothing for the one where the engine keeps volumes by itself. */
  readonly path: string | null;
  readonly created_at: Date;
}

/** @returns those that engines have by themselves first, then by name */
export async function findPools(db: Db): Promise<PoolRow[]> {
  const { rows } = await db.query<PoolRow>(sql`
    select name, engine, path, created_at from pools
    order by path is not null, name <> 'default', name`);
  return rows;
}

export async function findPool(db: Db, name: string): Promise<PoolRow | undefined> {
  const { rows } = await db.query<PoolRow>(sql`
    select name, engine, path, created_at from pools where name = ${name}`);
  return rows[0];
}

/** @throws {Problem} `not-found` */
export async function getPool(db: Db, name: string): Promise<PoolRow> {
  const pool = await findPool(db, name);
  if (pool) return pool;
  const names = (await findPools(db)).map((each) => each.name).join(', ');
  throw new Problem('not-found', `There is no pool "${name}". There is: ${names}.`);
}

/**
 * Adds a pool, or finds that it is there just so. Until the transaction ends nobody adds another one
 * around it, and nobody deletes it.
 *
 * @throws {Problem} `name-taken`; `pool-overlaps`; `not-found` for the engine
 */
export async function insertPool(
  tx: Tx,
  { name, engine, path }: Pick<PoolRow, 'name' | 'engine' | 'path'>,
): Promise<void> {
  const { rowCount } = await tx
    .query(sql`
      insert into pools (name, engine, path) values (${name}, ${engine}, ${path})
      on conflict do nothing`)
    .catch((cause: unknown) => {
      if (!violates(cause, 'pools_engine_fkey')) throw cause;
      throw new Problem('not-found', `There is no engine "${engine}".`, { cause });
    });
  if (rowCount === 1) return;
  const { rows } = await tx.query<PoolRow>(sql`
    select name, engine, path, created_at from pools where name = ${name} for update`);
  const [there] = rows;
  if (there && (there.engine !== engine || there.path !== path)) throw taken(there);
  if (there) return;
  const sentence = `${path} is in another pool, or has one in it: see "cep storage pool list".`;
  throw new Problem('pool-overlaps', sentence);
}

const taken = ({ name, engine, path }: PoolRow) =>
  new Problem(
    'name-taken',
    `The pool "${name}" is ${path ?? 'where Docker keeps volumes'} on the engine "${engine}", and stays there. Choose another name.`,
  );

/** @throws {Problem} `pool-in-use` */
export async function deletePool(tx: Tx, name: string): Promise<void> {
  try {
    await tx.query('savepoint used');
    await tx.query(sql`delete from pools where name = ${name} and path is not null`);
  } catch (cause) {
    if (!violates(cause, 'pool_volumes_pool_fkey')) throw cause;
    await tx.query('rollback to savepoint used');
    throw inUse(name, await findVolumesIn(tx, name), cause);
  }
}

const SHOWN = 10;

function inUse(name: string, volumes: readonly PoolVolume[], cause: unknown): Problem {
  const shown = volumes.slice(0, SHOWN).map(({ volume, app }) => `${volume} (of ${app})`);
  const more = volumes.length > SHOWN ? ` and ${volumes.length - SHOWN} more` : '';
  const next = 'Destroy their apps, then "cep storage volume delete" them with --purge.';
  return new Problem('pool-in-use', `"${name}" has ${shown.join(', ')}${more}. ${next}`, {
    cause,
    members: { volumes: volumes.map(({ volume }) => volume) },
  });
}

/** A volume in a pool that has a path. */
export interface PoolVolume {
  /** In the engine. */
  readonly volume: string;
  readonly pool: string;
  readonly engine: string;
  readonly project_id: string;
  readonly app_id: string;
  readonly app: string;
  /** The template's name for it, and which restore has made it; empty: none. */
  readonly name: string;
  readonly volume_set: string;
  readonly created_at: Date;
}

/** A volume, and the pool's folder. */
export type Placed = PoolVolume & { readonly path: string };

/** One that is there stays where it is. @throws {Problem} `not-found` when the pool has just gone */
export async function insertPoolVolume(
  tx: Tx,
  volume: Omit<PoolVolume, 'created_at'>,
): Promise<void> {
  try {
    await tx.query(sql`
      insert into pool_volumes
        (volume, pool, engine, project_id, app_id, app, name, volume_set)
      values (${volume.volume}, ${volume.pool}, ${volume.engine}, ${volume.project_id},
        ${volume.app_id}, ${volume.app}, ${volume.name}, ${volume.volume_set})
      on conflict (volume) do nothing`);
  } catch (cause) {
    if (!violates(cause, 'pool_volumes_pool_fkey')) throw cause;
    throw new Problem('not-found', `The pool "${volume.pool}" was just deleted.`, { cause });
  }
}

const PLACED = `
  select pool_volumes.*, path from pool_volumes join pools on pools.name = pool_volumes.pool`;

/** Those of an app, whichever restore has made them. */
export async function findPlacedOf(db: Db, appId: string): Promise<Placed[]> {
  return (await db.query<Placed>(`${PLACED} where app_id = $1 order by volume`, [appId])).rows;
}

export async function findPlaced(db: Db, volume: string): Promise<Placed | undefined> {
  return (await db.query<Placed>(`${PLACED} where volume = $1`, [volume])).rows[0];
}

/** @param projectId  of every project when left out */
export async function findPlacedIn(db: Db, engine: string, projectId?: string): Promise<Placed[]> {
  const { rows } = await db.query<Placed>(
    `${PLACED} where pool_volumes.engine = $1 and ($2::uuid is null or project_id = $2)
     order by volume`,
    [engine, projectId ?? null],
  );
  return rows;
}

async function findVolumesIn(db: Db, pool: string): Promise<PoolVolume[]> {
  const { rows } = await db.query<PoolVolume>(sql`
    select * from pool_volumes where pool = ${pool} order by volume`);
  return rows;
}

/** Nothing of it is left. */
export async function deletePoolVolume(db: Db, volume: string): Promise<void> {
  await db.query(sql`delete from pool_volumes where volume = ${volume}`);
}
