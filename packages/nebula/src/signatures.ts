/**
 * Signatures under a certificate: Ed25519, or ECDSA with SHA-256 in DER. Of the two values that
 * are valid for an ECDSA signature's S, issuers use the lower (`cert/p256/p256.go`), so that
 * nobody else can make a second certificate, with another fingerprint, out of one.
 */
import { sign, verify } from 'node:crypto';
import { element, integerContent, readElements, readInteger } from './der.ts';
import type { Curve } from './details.ts';
import { P256_ORDER, privateKeyObject, publicKeyObject } from './key-objects.ts';

const SEQUENCE = 0x30;
const INTEGER = 0x02;

/**
 * Signs with an authority's raw private key (`cert/sign.go`).
 *
 * @throws {Error} when it is no key of that curve
 */
export function signBytes(curve: Curve, privateKey: Uint8Array, message: Uint8Array): Uint8Array {
  if (curve === 'curve25519')
    return sign(null, message, privateKeyObject('ed25519', privateKey.subarray(0, 32)));
  const signature = sign('sha256', message, privateKeyObject('p256', privateKey));
  const [r, s] = readEcdsa(signature);
  return s > P256_ORDER / 2n ? writeEcdsa(r, P256_ORDER - s) : signature;
}

/** Whether the authority's key made this signature; false also for keys and signatures that are none. */
export function isSignedBy(
  { curve, publicKey }: { readonly curve: Curve; readonly publicKey: Uint8Array },
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    return curve === 'curve25519'
      ? verify(null, message, publicKeyObject('ed25519', publicKey), signature)
      : verify('sha256', message, publicKeyObject('p256', publicKey), signature);
  } catch {
    return false;
  }
}

/**
 * The other signature that is valid for the same bytes and key (`cert/p256/p256.go`, Swap).
 *
 * @throws {Problem} `invalid-request` when this is no ECDSA signature
 */
export function otherEcdsaSignature(signature: Uint8Array): Uint8Array {
  const [r, s] = readEcdsa(signature);
  return writeEcdsa(r, P256_ORDER - (s % P256_ORDER));
}

function readEcdsa(signature: Uint8Array): [r: bigint, s: bigint] {
  const [sequence] = readElements(signature);
  const [r, s] = readElements(sequence?.content ?? signature);
  const none = Buffer.alloc(0);
  return [readInteger(r?.content ?? none), readInteger(s?.content ?? none)];
}

const writeEcdsa = (r: bigint, s: bigint): Uint8Array =>
  element(SEQUENCE, element(INTEGER, integerContent(r)), element(INTEGER, integerContent(s)));
