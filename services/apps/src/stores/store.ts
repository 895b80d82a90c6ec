import { Problem } from '@cep/contracts/problems';
import type * as contract from '@cep/contracts/templates';
import { sql } from '@cep/database/sql';
import type { Db, Tx } from '@cep/database/transaction';
import type { Location } from './location.ts';
import type { ReadStore } from './read-store.ts';

export interface StoreRow {
  readonly name: string;
  readonly kind: Location['kind'];
  readonly location: string;
  readonly public_key: string | null;
  readonly serial: number;
  readonly revision: string | null;
  readonly warnings: readonly string[];
  readonly refreshed_at: Date;
  readonly templates: number;
}

const VIEW = `
  select name, kind, location, public_key, serial::float8 as serial, revision, warnings, refreshed_at,
    (select count(*)::integer from store_templates where store = name) as templates
  from stores`;

/** @returns by name */
export async function findStores(db: Db): Promise<StoreRow[]> {
  return (await db.query<StoreRow>(`${VIEW} order by name`)).rows;
}

/** @throws {Problem} `not-found` */
export async function getStore(db: Db, name: string): Promise<StoreRow> {
  const { rows } = await db.query<StoreRow>(`${VIEW} where name = $1`, [name]);
  if (rows[0]) return rows[0];
  throw unknownStore(name);
}

export const unknownStore = (name: string): Problem =>
  new Problem('not-found', `There is no store "${name}". See "cep apps store list --stores".`);

type NewStore = Pick<StoreRow, 'name' | 'kind' | 'location' | 'public_key'>;

/** @throws {Problem} `name-taken` */
export async function insertStore(
  tx: Tx,
  { name, kind, location, public_key }: NewStore,
): Promise<void> {
  const { rowCount } = await tx.query(sql`
    insert into stores (name, kind, location, public_key, warnings)
    values (${name}, ${kind}, ${location}, ${public_key}, '[]') on conflict do nothing`);
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

export async function deleteStore(db: Db, name: string): Promise<void> {
  const { rowCount } = await db.query(sql`delete from stores where name = ${name}`);
  if (rowCount === 0) throw unknownStore(name);
}

/** @returns by id */
export async function findOutlines(db: Db, store: string): Promise<contract.Template[]> {
  const { rows } = await db.query<{ outline: contract.Template }>(sql`
    select outline from store_templates where store = ${store} order by id`);
  return rows.map(({ outline }) => outline);
}

/** @throws {Problem} `not-found` */
export async function getSource(
  db: Db,
  store: string,
  id: string,
): Promise<{ readonly compose: string; readonly readme: string }> {
  const { rows } = await db.query<{ compose: string; readme: string }>(sql`
    select compose, readme from store_templates where store = ${store} and id = ${id}`);
  if (rows[0]) return rows[0];
  throw new Problem(
    'not-found',
    `The store "${store}" has no app "${id}". See "cep apps store list --store ${store}".`,
  );
}
