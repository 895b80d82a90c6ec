/**
 * Key pairs, raw as Nebula keeps them (`cert/pem.go`): a host agrees on keys, an authority signs.
 * A private key is 32 bytes, but an Ed25519 one is 64: the seed and the public key.
 */
import { generateKeyPairSync } from 'node:crypto';
import { Problem } from '@cep/contracts/problems';
import { type Curve, publicKeyLength } from './details.ts';
import {
  type Algorithm,
  privateKeyObject,
  publicKeyObject,
  rawPrivateKey,
  rawPublicKey,
} from './key-objects.ts';

export interface KeyPair {
  readonly curve: Curve;
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

/** What a key is for: `host` agrees on session keys, `ca` signs certificates. */
export type KeyUse = 'host' | 'ca';

const SEED_LENGTH = 32;

/** A fresh key pair for a host (`cmd/nebula-cert/keygen.go`). */
export const generateHostKeys = (curve: Curve = 'curve25519'): KeyPair => generate('host', curve);

/** A fresh key pair for an authority (`cmd/nebula-cert/ca.go`). */
export const generateCaKeys = (curve: Curve = 'curve25519'): KeyPair => generate('ca', curve);

/** Bytes of a raw private key (`cert/pem.go`). */
export const privateKeyLength = (use: KeyUse, curve: Curve): 32 | 64 =>
  algorithmOf(use, curve) === 'ed25519' ? 64 : SEED_LENGTH;

/**
 * The key pair of a raw private key; of an Ed25519 key the seed alone will do.
 *
 * @throws {Problem} `invalid-request` when it is no private key of that kind
 */
export function keyPairOf(use: KeyUse, curve: Curve, privateKey: Uint8Array): KeyPair {
  const expected = privateKeyLength(use, curve);
  if (privateKey.length !== SEED_LENGTH && privateKey.length !== expected) throw notAKey(curve);
  const seed = privateKey.subarray(0, SEED_LENGTH);
  const publicKey = derivePublicKey(algorithmOf(use, curve), seed, curve);
  if (expected === SEED_LENGTH) return { curve, publicKey, privateKey };
  const whole = Buffer.concat([seed, publicKey]);
  if (privateKey.length === expected && !whole.equals(privateKey)) throw notAKey(curve);
  return { curve, publicKey, privateKey: whole };
}

/**
 * Whether a host can agree on keys with this public key: it is on the curve, and not one of the
 * X25519 points with which everybody arrives at the same secret (RFC 7748, section 6.1).
 */
export function isHostPublicKey(curve: Curve, publicKey: Uint8Array): boolean {
  if (publicKey.length !== publicKeyLength(curve)) return false;
  if (curve === 'p256') return isP256Point(publicKey);
  const point = Buffer.from(publicKey);
  // X25519 does not look at the last bit.
  point.writeUInt8(point.readUInt8(31) & 0x7f, 31);
  return !POINTS_OF_LOW_ORDER.has(point.toString('hex'));
}

/** 0, 1, the two of order 8, and -1; then the other spellings of 0 and 1. */
const POINTS_OF_LOW_ORDER: ReadonlySet<string> = new Set([
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
]);

function isP256Point(publicKey: Uint8Array): boolean {
  try {
    return publicKeyObject('p256', publicKey).type === 'public';
  } catch {
    return false;
  }
}

function generate(use: KeyUse, curve: Curve): KeyPair {
  const { privateKey } = generateObject(algorithmOf(use, curve));
  return keyPairOf(use, curve, rawPrivateKey(privateKey));
}

function generateObject(algorithm: Algorithm) {
  switch (algorithm) {
    case 'x25519':
      return generateKeyPairSync('x25519');
    case 'ed25519':
      return generateKeyPairSync('ed25519');
    case 'p256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' });
  }
}

function derivePublicKey(algorithm: Algorithm, seed: Uint8Array, curve: Curve): Uint8Array {
  try {
    return rawPublicKey(privateKeyObject(algorithm, seed));
  } catch (cause) {
    throw new Problem('invalid-request', notAKey(curve).message, { cause });
  }
}

function algorithmOf(use: KeyUse, curve: Curve): Algorithm {
  if (curve === 'p256') return 'p256';
  return use === 'host' ? 'x25519' : 'ed25519';
}

const notAKey = (curve: Curve) =>
  new Problem('invalid-request', `This is not a private key of the curve ${curve}.`);
