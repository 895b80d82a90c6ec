import { Problem } from '@cep/contracts/problems';
import { sql } from '@cep/database/sql';
import type { Db } from '@cep/database/transaction';
import { LOCAL } from './local.ts';

export interface EngineRow {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly engine_id: string | null;
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
  new Problem('not-found', `There is no engine "${name}". See "cep engine list".`);

/** Constraints of the table: a row has all that a remote engine needs, or nothing of it. */
function toRow({ url, ca, certificate, key, platform, ...rest }: Columns): EngineRow {
  const remote =
    url && ca && certificate && key && platform ? { url, ca, certificate, key, platform } : null;
  return { ...rest, remote };
}

/** Notes what the local engine calls itself. @throws when another engine is the same */
export async function updateLocalId(db: Db, engineId: string): Promise<void> {
  await db.query(sql`
    update engines set engine_id = ${engineId}
    where name = ${LOCAL} and engine_id is distinct from ${engineId}`);
}
