import type { Reason } from '@cep/contracts/apps';
import { only } from '@cep/database/rows';
import { sql } from '@cep/database/sql';
import type { Db, Tx } from '@cep/database/transaction';
import type { VolumeSets } from '../engine/names.ts';
import type { Runs } from '../hooks/store.ts';
import type { Outline } from './document.ts';

export type Cause = 'deploy' | 'update' | 'rollback' | 'restore';

interface Generation {
  readonly appId: string;
  readonly number: number;
  readonly cause: Cause;
  readonly version: string;
  readonly address: string;
  /** Sealed. */
  readonly document: Buffer;
  readonly outline: Outline;
  /** As {@link AppIdentity.volumeSets}. */
  readonly volumeSets: VolumeSets;
  readonly images: ImageLock | null;
}

/**
 * What the names of images stood for, by name, e.g. `redis:8` → `redis@sha256:…`; without an entry it
 * is still to be found out.
 */
export type ImageLock = Readonly<Record<string, string>>;

/** One as it is kept. */
export interface GenerationRow {
  readonly number: number;
  readonly cause: Cause;
  readonly version: string;
  readonly address: string;
  /** Sealed. */
  readonly document: Buffer;
  readonly outline: Outline;
  readonly state: 'pending' | 'good' | 'failed' | 'cancelled';
  readonly reason: Reason | null;
  readonly created_at: Date;
  /** Null: the names themselves count. */
  readonly images: ImageLock | null;
  readonly hooks: Runs;
  readonly volume_sets: VolumeSets;
}

export async function insertGeneration(tx: Tx, generation: Generation): Promise<void> {
  const { appId, number, cause, version, address, document, outline } = generation;
  const { images, volumeSets } = generation;
  await tx.query(sql`
    insert into generations
      (app_id, number, cause, version, address, document, outline, images, volume_sets)
    values (${appId}, ${number}, ${cause}, ${version}, ${address}, ${document},
            ${JSON.stringify(outline)}, ${images && JSON.stringify(images)},
            ${JSON.stringify(volumeSets)})`);
}

/** @returns newest first */
export async function findGenerations(db: Db, appId: string): Promise<GenerationRow[]> {
  const { rows } = await db.query<GenerationRow>(sql`
    select * from generations where app_id = ${appId} order by number desc`);
  return rows;
}

export async function findGeneration(
  db: Db,
  appId: string,
  number: number,
): Promise<GenerationRow | undefined> {
  const { rows } = await db.query<GenerationRow>(sql`
    select * from generations where app_id = ${appId} and number = ${number}`);
  return rows[0];
}

export async function updateGeneration(
  tx: Tx,
  { appId, number }: { readonly appId: string; readonly number: number },
  { state, reason }: Pick<GenerationRow, 'state' | 'reason'>,
): Promise<void> {
  await tx.query(sql`
    update generations set state = ${state}, reason = ${reason && JSON.stringify(reason)}
    where app_id = ${appId} and number = ${number}`);
}

/** Keeps what an image's name stands for; what is kept already stays. */
export async function lockImage(
  db: Db,
  { appId, number }: { readonly appId: string; readonly number: number },
  image: string,
  reference: string,
): Promise<void> {
  await db.query(sql`
    update generations set images = jsonb_build_object(${image}::text, ${reference}::text) || images
    where app_id = ${appId} and number = ${number}`);
}

/** Forgets the oldest, but never one that is used or could be returned to by itself. */
export async function pruneGenerations(tx: Tx, appId: string, keep: number): Promise<void> {
  await tx.query(sql`
    delete from generations using apps
    where app_id = ${appId} and apps.id = app_id and number not in (generation, coalesce(good, 0))
      and number <= (select max(number) from generations where app_id = ${appId}) - ${keep}`);
}

/** @returns the sealed document */
export async function getDocument(db: Db, appId: string, number: number): Promise<Buffer> {
  const { rows } = await db.query<{ document: Buffer }>(sql`
    select document from generations where app_id = ${appId} and number = ${number}`);
  return only(rows).document;
}
