import { sql } from '@cep/database/sql';
import type { Db, Tx } from '@cep/database/transaction';
import type { Outline } from '../templates/describe.ts';
import type { ReadTemplate } from './read-store.ts';

/** @returns by id */
export async function findOutlines(db: Db, store: string): Promise<Outline[]> {
  const { rows } = await db.query<{ outline: Outline }>(sql`
    select outline from store_templates where store = ${store} order by id`);
  return rows.map(({ outline }) => outline);
}

interface Source {
  readonly compose: string;
  readonly readme: string;
}

export async function findSource(db: Db, store: string, id: string): Promise<Source | undefined> {
  const { rows } = await db.query<Source>(sql`
    select compose, readme from store_templates where store = ${store} and id = ${id}`);
  return rows[0];
}

export async function upsertTemplate(tx: Tx, store: string, template: ReadTemplate): Promise<void> {
  const { id, compose, readme, outline } = template;
  await tx.query(sql`
    insert into store_templates (store, id, compose, readme, outline)
    values (${store}, ${id}, ${compose}, ${readme}, ${JSON.stringify(outline)})
    on conflict (store, id) do update
    set compose = excluded.compose, readme = excluded.readme, outline = excluded.outline`);
  await tx.query(sql`update stores set refreshed_at = now() where name = ${store}`);
}

/** @returns whether there was one */
export async function deleteTemplate(tx: Tx, store: string, id: string): Promise<boolean> {
  const { rowCount } = await tx.query(sql`
    delete from store_templates where store = ${store} and id = ${id}`);
  return rowCount === 1;
}

export async function insertDisabled(tx: Tx, store: string, id: string): Promise<void> {
  await tx.query(sql`
    insert into disabled_templates (store, template) values (${store}, ${id})
    on conflict do nothing`);
}

export async function deleteDisabled(tx: Tx, store: string, id: string): Promise<void> {
  await tx.query(sql`
    delete from disabled_templates where store = ${store} and template = ${id}`);
}
