/** Keys that come in pairs: the private half is kept, the public one follows from it. */
import {
  createECDH,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { Problem } from '@cep/contracts/problems';

/** How the kinds of pairs are written; each private half tells its public one. */
const PAIRS = {
  /** PEM: PKCS #8, and SubjectPublicKeyInfo. 2048 bits take a tenth of a second. */
  rsa: {
    words: 'an RSA private key in PEM',
    make: () => pem(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey),
    publicOf: (text: string) => publicPem(text, 'rsa'),
  },
  ed25519: {
    words: 'an Ed25519 private key in PEM',
    make: () => pem(generateKeyPairSync('ed25519').privateKey),
    publicOf: (text: string) => publicPem(text, 'ed25519'),
  },
  /** RFC 8292: a scalar and an uncompressed point of P-256, each as base64url. */
  vapid: {
    words: 'a VAPID private key: 32 bytes in base64url',
    make: makeScalar,
    publicOf: pointOf,
  },
};
export type Pair = keyof typeof PAIRS;

export const isPair = (kind: string | undefined): kind is Pair =>
  kind !== undefined && Object.hasOwn(PAIRS, kind);

/** The variable that holds the public half of a parameter. */
export const publicName = (name: string): string => `${name}_PUBLIC`;

/** @returns the private half of a new pair */
export const makePair = (kind: Pair): string => PAIRS[kind].make();

/** @throws {Problem} `invalid-request` that names the parameter, without its value */
export function publicHalf(name: string, kind: Pair, value: string): string {
  try {
    return PAIRS[kind].publicOf(value);
  } catch {
    throw new Problem('invalid-request', `Parameter ${name} must be ${PAIRS[kind].words}.`);
  }
}

const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

function publicPem(text: string, type: 'rsa' | 'ed25519'): string {
  const key = createPrivateKey(text);
  if (key.asymmetricKeyType !== type) throw new Error(`is ${key.asymmetricKeyType}`);
  return createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
}

const CURVE = 'prime256v1';
const SCALAR_BYTES = 32;

function makeScalar(): string {
  const { d = '' } = generateKeyPairSync('ec', { namedCurve: CURVE }).privateKey.export({
    format: 'jwk',
  });
  return d;
}

function pointOf(text: string): string {
  const scalar = Buffer.from(text, 'base64url');
  if (scalar.length !== SCALAR_BYTES) throw new Error(`has ${scalar.length} bytes`);
  const ecdh = createECDH(CURVE);
  ecdh.setPrivateKey(scalar);
  return ecdh.getPublicKey('base64url');
}
