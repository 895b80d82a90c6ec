import { only } from '@cep/database/rows';
import { sql } from '@cep/database/sql';
import type { Db, Tx } from '@cep/database/transaction';
import type { Outline } from './document.ts';

interface Generation {
  readonly appId: string;
  readonly number: number;
  readonly address: string;
  /** Sealed. */
  readonly document: Buffer;
  readonly outline: Outline;
}

export async function insertGeneration(tx: Tx, generation: Generation): Promise<void> {
  const { appId, number, address, document, outline } = generation;
  await tx.query(sql`
    insert into generations (app_id, number, address, document, outline)
    values (${appId}, ${number}, ${address}, ${document}, ${JSON.stringify(outline)})`);
}

/** @returns the sealed document */
export async function getDocument(db: Db, appId: string, number: number): Promise<Buffer> {
  const { rows } = await db.query<{ document: Buffer }>(sql`
    select document from generations where app_id = ${appId} and number = ${number}`);
  return only(rows).document;
}
