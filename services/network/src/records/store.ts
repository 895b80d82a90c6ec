/** The only module that reads or writes the tables `records` and `app_names`. */
import type { NameRecord } from '@cep/contracts/records';
import { sql } from '@cep/database/sql';
import type { Db, Tx } from '@cep/database/transaction';
import type { NamedAddresses } from '../hosts/store.ts';

export type RecordRow = Pick<NameRecord, 'name' | 'type' | 'value' | 'ttl'>;

/** By name; of one name in the order in which they were added. */
export async function findRecords(db: Db, networkId: string): Promise<RecordRow[]> {
  const { rows } = await db.query<RecordRow>(sql`
    select name, type, value, ttl from records where network_id = ${networkId} order by name, id`);
  return rows;
}

/** One that is there gets the other TTL. */
export async function putRecord(tx: Tx, networkId: string, record: RecordRow): Promise<void> {
  const { name, type, value, ttl } = record;
  await tx.query(sql`
    insert into records (network_id, name, type, value, ttl)
    values (${networkId}, ${name}, ${type}, ${value}, ${ttl})
    on conflict on constraint records_key do update set ttl = excluded.ttl`);
}

/** @returns those that were removed; what is absent in `which` may be anything */
export async function deleteRecords(
  tx: Tx,
  networkId: string,
  which: { name: string; type?: string | undefined; value?: string | undefined },
): Promise<RecordRow[]> {
  const { rows } = await tx.query<RecordRow>(sql`
    delete from records
    where network_id = ${networkId} and name = ${which.name}
      and type = coalesce(${which.type}, type) and value = coalesce(${which.value}, value)
    returning name, type, value, ttl`);
  return rows;
}

/** Of apps that have their name. */
export async function findAppNames(db: Db, networkId: string): Promise<NamedAddresses[]> {
  const { rows } = await db.query<NamedAddresses>(sql`
    select name, array[address] as addresses from app_names
    where network_id = ${networkId} and state = 'named'
    order by name`);
  return rows;
}

export interface AppNameRow {
  readonly appId: string;
  readonly networkId: string;
  readonly name: string;
  readonly address: string | null;
  readonly state: 'named' | 'refused' | 'gone';
  readonly at: Date;
}

export async function findAppName(tx: Tx, appId: string): Promise<AppNameRow | undefined> {
  const { rows } = await tx.query<AppNameRow>(sql`
    select app_id as "appId", network_id as "networkId", name, address, state, at from app_names
    where app_id = ${appId}`);
  return rows[0];
}

/** @returns the app that found this name taken first, if one still waits for it */
export async function findRefused(
  tx: Tx,
  networkId: string,
  name: string,
): Promise<AppNameRow | undefined> {
  const { rows } = await tx.query<AppNameRow>(sql`
    select app_id as "appId", network_id as "networkId", name, address, state, at from app_names
    where network_id = ${networkId} and name = ${name} and state = 'refused'
    order by at
    limit 1`);
  return rows[0];
}

export async function putAppName(tx: Tx, row: AppNameRow): Promise<void> {
  await tx.query(sql`
    insert into app_names (app_id, network_id, name, address, state, at)
    values (${row.appId}, ${row.networkId}, ${row.name}, ${row.address}, ${row.state}, ${row.at})
    on conflict (app_id) do update set
      network_id = excluded.network_id, name = excluded.name, address = excluded.address,
      state = excluded.state, at = excluded.at`);
}

export type OtherHolder = 'app' | 'record';

/** Who has a name besides hosts. A text says something about a name, and takes none. */
export async function findHolder(
  tx: Tx,
  networkId: string,
  name: string,
): Promise<OtherHolder | undefined> {
  const { rows } = await tx.query<{ holder: OtherHolder }>(sql`
    select 'app' as holder from app_names
    where network_id = ${networkId} and name = ${name} and state = 'named'
    union all
    select 'record' from records
    where network_id = ${networkId} and name = ${name} and type <> 'TXT'
    limit 1`);
  return rows[0]?.holder;
}
