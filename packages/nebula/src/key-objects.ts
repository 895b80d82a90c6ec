/**
 * Raw keys, as Nebula keeps them, to and from node's key objects. The prefixes are the fixed heads
 * of the PKCS #8, SEC 1 and SPKI encodings (RFC 8410, RFC 5915, RFC 5480); the raw key follows.
 */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

/** The order of the P-256 group: a private key and both halves of a signature are below it. */
export const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

export type Algorithm = 'x25519' | 'ed25519' | 'p256';

const hex = (text: string) => Buffer.from(text, 'hex');

const SPKI = {
  x25519: hex('302a300506032b656e032100'),
  ed25519: hex('302a300506032b6570032100'),
  p256: hex('3059301306072a8648ce3d020106082a8648ce3d030107034200'),
} as const;

const PKCS8 = {
  x25519: hex('302e020100300506032b656e04220420'),
  ed25519: hex('302e020100300506032b657004220420'),
} as const;

const SEC1_P256_HEAD = hex('30310201010420');
const SEC1_P256_TAIL = hex('a00a06082a8648ce3d030107');

/** @throws {Error} when the bytes are no such key, e.g. a point that is not on the curve */
export const publicKeyObject = (algorithm: Algorithm, raw: Uint8Array): KeyObject =>
  createPublicKey({ format: 'der', type: 'spki', key: Buffer.concat([SPKI[algorithm], raw]) });

/**
 * @param raw  32 bytes: a seed or a scalar
 * @throws {Error} when the bytes are no such key, e.g. a scalar of 0
 */
export function privateKeyObject(algorithm: Algorithm, raw: Uint8Array): KeyObject {
  if (algorithm === 'p256') {
    // OpenSSL takes a scalar beyond the order and reduces it; Go does not.
    if (BigInt(`0x${Buffer.from(raw).toString('hex')}`) >= P256_ORDER) throw new Error('not a key');
    const key = Buffer.concat([SEC1_P256_HEAD, raw, SEC1_P256_TAIL]);
    return createPrivateKey({ format: 'der', type: 'sec1', key });
  }
  return createPrivateKey({
    format: 'der',
    type: 'pkcs8',
    key: Buffer.concat([PKCS8[algorithm], raw]),
  });
}

/** 32 bytes, or 65 for P-256 (`04`, x, y). Takes a private key's object too. */
export function rawPublicKey(key: KeyObject): Uint8Array {
  const half = key.type === 'private' ? createPublicKey(key) : key;
  const { x = '', y } = half.export({ format: 'jwk' });
  const bytes = Buffer.from(x, 'base64url');
  return y === undefined
    ? bytes
    : Buffer.concat([Buffer.of(4), bytes, Buffer.from(y, 'base64url')]);
}

/** 32 bytes. */
export const rawPrivateKey = (key: KeyObject): Uint8Array =>
  Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url');
