import { randomUUID } from 'node:crypto';
import { Problem } from '@cep/contracts/problems';
import type { Token } from '@cep/contracts/users';
import { violates } from '@cep/database/errors';
import { only } from '@cep/database/rows';
import { sql } from '@cep/database/sql';
import type { Db, Tx } from '@cep/database/transaction';

interface TokenRow {
  name: string;
  created_at: Date;
  last_used_at: Date | null;
  expires_at: Date | null;
}

const toToken = (row: TokenRow): Token => ({
  name: row.name,
  createdAt: row.created_at.toISOString(),
  lastUsedAt: row.last_used_at?.toISOString() ?? null,
  expiresAt: row.expires_at?.toISOString() ?? null,
});

interface NewToken {
  readonly userId: string;
  readonly name: string;
  readonly hash: Buffer;
  readonly expiresInDays?: number | undefined;
}

/** @throws {Problem} `name-taken` when the user has a token of this name */
export async function insertToken(tx: Tx, token: NewToken): Promise<Token> {
  const { userId, name, hash, expiresInDays } = token;
  try {
    const { rows } = await tx.query<TokenRow>(sql`
      insert into tokens (id, user_id, kind, name, hash, expires_at)
      values (${randomUUID()}, ${userId}, 'api', ${name}, ${hash},
        now() + make_interval(days => ${expiresInDays ?? null}::int))
      returning name, created_at, last_used_at, expires_at`);
    return toToken(only(rows));
  } catch (error) {
    if (!violates(error, 'tokens_name')) throw error;
    throw new Problem('name-taken', `You already have a token "${name}". Choose another name.`, {
      cause: error,
    });
  }
}

interface NewSession {
  readonly userId: string;
  readonly hash: Buffer;
  readonly days: number;
}

/** @returns when it expires */
export async function insertSession(tx: Tx, { userId, hash, days }: NewSession): Promise<Date> {
  const { rows } = await tx.query<{ expires_at: Date }>(sql`
    insert into tokens (id, user_id, kind, hash, expires_at)
    values (${randomUUID()}, ${userId}, 'session', ${hash},
      now() + make_interval(days => ${days}::int))
    returning expires_at`);
  return only(rows).expires_at;
}

/** Expired ones are not there, whether they are swept yet or not. */
export async function findTokens(db: Db, userId: string): Promise<Token[]> {
  const { rows } = await db.query<TokenRow>(sql`
    select name, created_at, last_used_at, expires_at from tokens
    where user_id = ${userId} and kind = 'api' and (expires_at is null or expires_at > now())
    order by name`);
  return rows.map(toToken);
}

/** @throws {Problem} `not-signed-in` when the credential was ended meanwhile */
export async function getExpiry(db: Db, tokenId: string): Promise<Date | null> {
  const { rows } = await db.query<{ expires_at: Date | null }>(sql`
    select expires_at from tokens where id = ${tokenId}`);
  if (!rows[0]) throw new Problem('not-signed-in', 'Your sign-in has ended. Use "cep login".');
  return rows[0].expires_at;
}

/** @throws {Problem} `not-found` when the user has no token of this name */
export async function deleteToken(db: Db, userId: string, name: string): Promise<void> {
  const { rowCount } = await db.query(sql`
    delete from tokens where user_id = ${userId} and name = ${name}`);
  if (rowCount === 0) {
    throw new Problem('not-found', `You have no token "${name}". "cep token list" shows them.`);
  }
}

/** Makes room for a token of this name; that there is none is fine. */
export async function freeName(tx: Tx, userId: string, name: string): Promise<void> {
  await tx.query(sql`delete from tokens where user_id = ${userId} and name = ${name}`);
}

/** Ends one credential; that it has ended already is fine. */
export async function deleteCredential(db: Db, tokenId: string): Promise<void> {
  await db.query(sql`delete from tokens where id = ${tokenId}`);
}

/** Ends every credential of a user but one. */
export async function deleteOthers(tx: Tx, userId: string, keptId: string): Promise<void> {
  await tx.query(sql`delete from tokens where user_id = ${userId} and id <> ${keptId}`);
}

/** @returns how many there were */
export async function deleteExpired(db: Db): Promise<number> {
  const { rowCount } = await db.query(sql`delete from tokens where expires_at <= now()`);
  return rowCount ?? 0;
}
