import { Problem } from '@cep/contracts/problems';
import type * as contract from '@cep/contracts/templates';
import { sql } from '@cep/database/sql';
import type { Db, Tx } from '@cep/database/transaction';
import type { ReadStore } from './read-store.ts';

export interface StoreRow {
  readonly name: string;
  readonly kind: contract.Store['kind'];
  /** Null for what has no place outside: the one that cep brings, and those of kind `own`. */
  readonly location: string | null;
  readonly public_key: string | null;
  readonly serial: number;
  readonly revision: string | null;
  readonly warnings: readonly string[];
  readonly refreshed_at: Date;
  /** Who sees it besides administrators; projects by name. */
  readonly everyone: boolean;
  readonly projects: readonly string[];
  /** Ids of templates that nobody deploys now; also such as the store does not have. */
  readonly disabled: readonly string[];
  /** How many of its templates are kept in the database; none of those that cep brings. */
  readonly templates: number;
}

const VIEW = `
  select name, kind, location, public_key, serial::float8 as serial, revision, warnings, refreshed_at,
    everyone, projects,
    array(select template from disabled_templates where store = name order by template) as disabled,
    (select count(*)::integer from store_templates where store = name) as templates
  from stores`;

/** @returns the one that cep brings first, then by name */
export async function findStores(db: Db): Promise<StoreRow[]> {
  return (await db.query<StoreRow>(`${VIEW} order by kind <> 'builtin', name`)).rows;
}

/** @throws {Problem} `not-found` */
export async function getStore(db: Db, name: string): Promise<StoreRow> {
  const { rows } = await db.query<StoreRow>(`${VIEW} where name = $1`, [name]);
  if (rows[0]) return rows[0];
  throw unknownStore(name);
}

/** The store, kept from changing until the transaction ends. @throws {Problem} `not-found` */
export async function lockStore(tx: Tx, name: string): Promise<StoreRow> {
  await tx.query(sql`select from stores where name = ${name} for update`);
  return getStore(tx, name);
}

export const unknownStore = (name: string): Problem =>
  new Problem('not-found', `There is no store "${name}". See "cep apps store list --stores".`);

type NewStore = Pick<StoreRow, 'name' | 'kind' | 'location' | 'public_key' | 'everyone'>;

/** @throws {Problem} `name-taken` */
export async function insertStore(
  tx: Tx,
  { name, kind, location, public_key, everyone }: NewStore,
): Promise<void> {
  const { rowCount } = await tx.query(sql`
    insert into stores (name, kind, location, public_key, everyone, warnings)
    values (${name}, ${kind}, ${location}, ${public_key}, ${everyone}, '[]')
    on conflict do nothing`);
  if (rowCount === 1) return;
  throw new Problem('name-taken', `There is already a store "${name}". Choose another name.`);
}

/**
 * Replaces what a store has. Of two looks at once the one with the older index changes nothing.
 *
 * @throws {Problem} `not-found` when the store was removed meanwhile
 */
export async function replaceTemplates(
  tx: Tx,
  name: string,
  { templates, warnings, serial, revision }: ReadStore & { readonly revision: string | null },
): Promise<void> {
  const { rows } = await tx.query<{ serial: number }>(sql`
    select serial::float8 as serial from stores where name = ${name} for update`);
  if (!rows[0]) throw unknownStore(name);
  if (rows[0].serial > serial) return;
  await tx.query(sql`
    update stores set revision = ${revision}, serial = ${serial}, refreshed_at = now(),
      warnings = ${JSON.stringify(warnings)}
    where name = ${name}`);
  await tx.query(sql`delete from store_templates where store = ${name}`);
  await tx.query(sql`
    insert into store_templates (store, id, compose, readme, outline)
    select ${name}, id, compose, readme, outline
    from jsonb_to_recordset(${JSON.stringify(templates)}::jsonb)
      as t (id text, compose text, readme text, outline jsonb)`);
}

/** @throws {Problem} `not-found` */
export async function updateShares(
  db: Db,
  name: string,
  { everyone, projects }: Pick<StoreRow, 'everyone' | 'projects'>,
): Promise<void> {
  const { rowCount } = await db.query(sql`
    update stores set everyone = ${everyone}, projects = ${[...projects]} where name = ${name}`);
  if (rowCount === 0) throw unknownStore(name);
}

export async function deleteStore(db: Db, name: string): Promise<void> {
  const { rowCount } = await db.query(sql`delete from stores where name = ${name}`);
  if (rowCount === 0) throw unknownStore(name);
}
