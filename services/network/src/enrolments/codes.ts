/**
 * One-time codes: 140 random bits in 28 characters of Crockford's base32, in groups of four, such
 * as `7K2M-Q9XD-0V3H-…`. With that many bits a plain SHA-256 at rest gives nothing away, and no
 * number of wrong tries need end a code: see docs/decisions/0040-wrong-codes-end-no-code.md. Pure.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 28;

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
  /** Absent for a host that is not live. */
  readonly signingKey?: string | undefined;
}

/** What a code is used for, so that the same machine is known again. */
export const hashKeys = ({ tunnelKey, signingKey = '' }: PublicKeys): Buffer =>
  createHash('sha256').update(`${tunnelKey}.${signingKey}`).digest();

interface Stored {
  readonly codeHash: Uint8Array;
  readonly live: boolean;
  /** {@link hashKeys} of the machine that used it. */
  readonly usedFor: Uint8Array | null;
}

/** Compared with when there is no code, so that the answer takes the same work. */
const NO_CODE: Stored = { codeHash: randomBytes(32), live: false, usedFor: null };

/**
 * @returns `repeat` for the machine that used the code before, which lost the reply: it is given
 *   the same again
 */
export function judge(
  stored: Stored | undefined,
  code: string,
  keys: PublicKeys,
): 'first' | 'repeat' | 'refused' {
  const { codeHash, live, usedFor } = stored ?? NO_CODE;
  const isRight = timingSafeEqual(hashCode(code), codeHash);
  if (!isRight || !live) return 'refused';
  if (usedFor === null) return 'first';
  return timingSafeEqual(hashKeys(keys), usedFor) ? 'repeat' : 'refused';
}
