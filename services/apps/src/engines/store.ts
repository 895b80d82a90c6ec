import { Problem } from '@cep/contracts/problems';
import { violates } from '@cep/database/errors';
import { only } from '@cep/database/rows';
import { sql } from '@cep/database/sql';
import type { Db, Tx } from '@cep/database/transaction';
import { LOCAL } from './local.ts';

export interface EngineRow {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly engine_id: string | null;
  /** Who may place apps on it besides administrators; projects by name. */
  readonly everyone: boolean;
  readonly projects: readonly string[];
  readonly added_at: Date;
  readonly changed_at: Date;
  /** Nothing for {@link LOCAL}. */
  readonly remote: RemoteRow | null;
}

export interface RemoteRow {
  readonly url: string;
  readonly ca: string;
  readonly certificate: string;
  /** Sealed. */
  readonly key: Buffer;
  readonly platform: string;
}

type Columns = Omit<EngineRow, 'remote'> & { [C in keyof RemoteRow]: RemoteRow[C] | null };

/** @returns {@link LOCAL} first, then by name */
export async function findEngines(db: Db): Promise<EngineRow[]> {
  const { rows } = await db.query<Columns>(sql`
    select * from engines order by name <> ${LOCAL}, name`);
  return rows.map(toRow);
}

/** @throws {Problem} `not-found` */
export async function getEngine(db: Db, name: string): Promise<EngineRow> {
  const { rows } = await db.query<Columns>(sql`select * from engines where name = ${name}`);
  if (rows[0]) return toRow(rows[0]);
  throw unknownEngine(name);
}

export const unknownEngine = (name: string): Problem =>
  new Problem(
    'not-found',
    `There is no engine "${name}". Administrators see which there are by "cep engine list".`,
  );

/** Constraints of the table: a row has all that a remote engine needs, or nothing of it. */
function toRow({ url, ca, certificate, key, platform, ...rest }: Columns): EngineRow {
  const remote =
    url && ca && certificate && key && platform ? { url, ca, certificate, key, platform } : null;
  return { ...rest, remote };
}

/** The engine, kept from changing until the transaction ends; no app comes to it meanwhile. */
export async function lockEngine(tx: Tx, name: string): Promise<EngineRow | undefined> {
  const { rows } = await tx.query<Columns>(sql`
    select * from engines where name = ${name} for update`);
  return rows[0] && toRow(rows[0]);
}

type NewEngine = Pick<EngineRow, 'name' | 'addresses' | 'engine_id'> & {
  readonly remote: RemoteRow;
};

/** @throws {Problem} `engine-known` */
export async function upsertEngine(tx: Tx, { name, addresses, ...rest }: NewEngine): Promise<void> {
  const { url, ca, certificate, key, platform } = rest.remote;
  const other = await findByEngineId(tx, rest.engine_id, name);
  if (other) throw known(other);
  try {
    await tx.query(sql`
      insert into engines (name, url, ca, certificate, key, platform, addresses, engine_id)
      values (${name}, ${url}, ${ca}, ${certificate}, ${key}, ${platform}, ${addresses},
              ${rest.engine_id})
      on conflict (name) do update
      set url = excluded.url, ca = excluded.ca, certificate = excluded.certificate,
        key = excluded.key, platform = excluded.platform, addresses = excluded.addresses,
        engine_id = excluded.engine_id, changed_at = clock_timestamp()`);
  } catch (cause) {
    // Somebody else has added it a moment ago.
    if (violates(cause, 'engines_engine_id_key')) throw known('another one', cause);
    throw cause;
  }
}

async function findByEngineId(db: Db, id: string | null, but: string): Promise<string | undefined> {
  const { rows } = await db.query<{ name: string }>(sql`
    select name from engines where engine_id = ${id} and name <> ${but}`);
  return rows[0]?.name;
}

const known = (name: string, cause?: unknown) =>
  new Problem(
    'engine-known',
    `This Docker is the engine "${name}" already. Two engines on one Docker would disturb each other.`,
    { cause },
  );

/** @throws {Problem} `not-found` */
export async function updateShares(
  db: Db,
  name: string,
  { everyone, projects }: Pick<EngineRow, 'everyone' | 'projects'>,
): Promise<void> {
  const { rowCount } = await db.query(sql`
    update engines set everyone = ${everyone}, projects = ${[...projects]} where name = ${name}`);
  if (rowCount === 0) throw unknownEngine(name);
}

/** @throws {Problem} `not-found` */
export async function deleteEngine(tx: Tx, name: string): Promise<void> {
  const { rowCount } = await tx.query(sql`delete from engines where name = ${name}`);
  if (rowCount === 0) throw unknownEngine(name);
}

export async function countApps(db: Db, name: string): Promise<number> {
  const { rows } = await db.query<{ apps: number }>(sql`
    select count(*)::integer as apps from apps where engine = ${name}`);
  return only(rows).apps;
}

/** @returns the names of the apps on an engine, of all projects */
export async function findAppsOn(db: Db, name: string): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(sql`
    select name from apps where engine = ${name} order by name`);
  return rows.map((row) => row.name);
}

/** @returns the names of destroyed apps whose data or backups are on an engine, and of pools there */
export async function findDataOn(db: Db, name: string): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(sql`
    select name from kept where engine = ${name}
    union select volume from volume_deletions where engine = ${name}
    union select name from pools where engine = ${name} and path is not null
    union select id from backups where engine = ${name} order by name`);
  return rows.map((row) => row.name);
}

/**
 * Notes what the local engine calls itself.
 *
 * @throws {Problem} `engine-known`
 */
export async function updateLocalId(db: Db, engineId: string): Promise<void> {
  const other = await findByEngineId(db, engineId, LOCAL);
  if (other) throw known(other);
  await db.query(sql`
    update engines set engine_id = ${engineId}
    where name = ${LOCAL} and engine_id is distinct from ${engineId}`);
}
