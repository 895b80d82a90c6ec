/**
 * One-time codes: 140 random bits in 28 characters of Crockford's base32, in groups of four, such
 * as `7K2M-Q9XD-0V3H-…`. With that many bits a plain SHA-256 at rest gives nothing away. Pure.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 28;

/** After this many wrong ones a host's code is worth nothing, and a new one must be given. */
const MAX_WRONG_TRIES = 10;

export function newCode(): string {
  const characters = Array.from(randomBytes(LENGTH), (byte) => ALPHABET[byte % ALPHABET.length]);
  return characters.join('').replace(/.{4}(?=.)/g, '$&-');
}

/** Forgives what people do to codes: small letters, spaces, O for 0, I and L for 1. */
export function hashCode(code: string): Buffer {
  const canonical = code
    .toUpperCase()
    .replace(/[\s-]/g, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');
  return createHash('sha256').update(canonical).digest();
}

/** The public keys of a machine that enrols, each 32 bytes as base64url. */
export interface PublicKeys {
  readonly tunnelKey: string;
  readonly signingKey: string;
}

/** What a code is used for, so that the same machine is known again. */
export const hashKeys = ({ tunnelKey, signingKey }: PublicKeys): Buffer =>
  createHash('sha256').update(`${tunnelKey}.${signingKey}`).digest();

interface Stored {
  readonly codeHash: Uint8Array;
  readonly live: boolean;
  readonly wrongTries: number;
  /** {@link hashKeys} of the machine that used it. */
  readonly usedFor: Uint8Array | null;
}

/** Compared with when there is no code, so that the answer takes the same work. */
const NO_CODE: Stored = { codeHash: randomBytes(32), live: false, wrongTries: 0, usedFor: null };

/**
 * @returns `repeat` for the machine that used the code before, which lost the reply: it is given
 *   the same again
 */
export function judge(
  stored: Stored | undefined,
  code: string,
  keys: PublicKeys,
): 'first' | 'repeat' | 'refused' {
  const { codeHash, live, wrongTries, usedFor } = stored ?? NO_CODE;
  const isRight = timingSafeEqual(hashCode(code), codeHash);
  if (!isRight || !live || wrongTries >= MAX_WRONG_TRIES) return 'refused';
  if (usedFor === null) return 'first';
  return timingSafeEqual(hashKeys(keys), usedFor) ? 'repeat' : 'refused';
}
