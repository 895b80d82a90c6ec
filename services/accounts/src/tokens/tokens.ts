import type { UserCaller } from '@cep/contracts/caller';
import type { Token } from '@cep/contracts/users';
import { type Tx, transaction } from '@cep/database/transaction';
import type { Pool } from 'pg';
import { lockUser } from '../users/store.ts';
import { hashOf, newSecret } from './secrets.ts';
import { freeName, getExpiry, insertToken } from './store.ts';

interface Wish {
  readonly name: string;
  /** Absent: it does not expire. */
  readonly expiresInDays?: number | undefined;
}

interface Made {
  /** Shown once: only its hash is kept. */
  readonly secret: string;
  readonly token: Token;
}

/** @throws {Problem} `name-taken`; `not-signed-in` when the caller's credential was just ended */
export async function createToken(db: Pool, wish: Wish, caller: UserCaller): Promise<Made> {
  return transaction(db, async (tx) => {
    await lockUser(tx, caller.userId);
    await getExpiry(tx, caller.tokenId);
    return make(tx, caller.userId, wish);
  });
}

/** Gives a user a token of this name, in place of one that has it. For the operator's own use. */
export async function replaceToken(db: Pool, userId: string, name: string): Promise<Made> {
  return transaction(db, async (tx) => {
    await lockUser(tx, userId);
    await freeName(tx, userId, name);
    return make(tx, userId, { name });
  });
}

async function make(tx: Tx, userId: string, wish: Wish): Promise<Made> {
  const secret = newSecret();
  return { secret, token: await insertToken(tx, { ...wish, userId, hash: hashOf(secret) }) };
}
