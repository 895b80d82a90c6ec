import { sql } from '@cep/database/sql';
import type { Db } from '@cep/database/transaction';

/** Before the volume is made: from now on nothing may use it that is not first given to its owner. */
export async function insertUnowned(db: Db, volume: string): Promise<void> {
  await db.query(sql`
    insert into unowned_volumes (volume) values (${volume}) on conflict do nothing`);
}

/** @returns those of them that are still to be given to their owner */
export async function findUnowned(db: Db, volumes: readonly string[]): Promise<string[]> {
  const { rows } = await db.query<{ volume: string }>(sql`
    select volume from unowned_volumes where volume = any(${volumes})`);
  return rows.map(({ volume }) => volume);
}

/** It has its owner, or is no more. */
export async function deleteUnowned(db: Db, volume: string): Promise<void> {
  await db.query(sql`delete from unowned_volumes where volume = ${volume}`);
}
