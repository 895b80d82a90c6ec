/** Keys as Nebula writes them to files (`cert/pem.go`). */
import { Problem } from '@cep/contracts/problems';
import { type Curve, publicKeyLength } from './details.ts';
import { type KeyPair, type KeyUse, keyPairOf } from './keys.ts';
import { type Banner, decodeOnePem, encodePem } from './pem.ts';

const names = {
  host: { curve25519: 'X25519', p256: 'P256' },
  ca: { curve25519: 'ED25519', p256: 'ECDSA P256' },
} as const satisfies Record<KeyUse, Record<Curve, string>>;

/** A private key as text. Whoever holds it is the host, or the authority. */
export const privateKeyPem = (use: KeyUse, { curve, privateKey }: KeyPair): string =>
  encodePem(`NEBULA ${names[use][curve]} PRIVATE KEY`, privateKey);

/** A public key as text. */
export const publicKeyPem = (
  use: KeyUse,
  { curve, publicKey }: Pick<KeyPair, 'curve' | 'publicKey'>,
): string => encodePem(`NEBULA ${names[use][curve]} PUBLIC KEY`, publicKey);

/**
 * Reads a private key, and derives its public half.
 *
 * @throws {Problem} `invalid-request` for another kind of key, and for an encrypted one; it never
 *   quotes the text
 */
export function parsePrivateKey(use: KeyUse, text: string): KeyPair {
  const { banner, bytes } = decodeOnePem(text);
  if (banner.includes('ENCRYPTED'))
    throw new Problem('invalid-request', 'The key is encrypted: decrypt it first.');
  return keyPairOf(use, curveOfBanner(use, 'PRIVATE', banner), bytes);
}

/**
 * Reads a public key; whether it is a point of its curve is not looked at.
 *
 * @throws {Problem} `invalid-request`
 */
export function parsePublicKey(use: KeyUse, text: string): Pick<KeyPair, 'curve' | 'publicKey'> {
  const { banner, bytes } = decodeOnePem(text);
  const curve = curveOfBanner(use, 'PUBLIC', banner);
  if (bytes.length === publicKeyLength(curve)) return { curve, publicKey: bytes };
  throw new Problem('invalid-request', `The public key has ${bytes.length} bytes.`);
}

function curveOfBanner(use: KeyUse, half: 'PRIVATE' | 'PUBLIC', banner: Banner): Curve {
  const curves = ['curve25519', 'p256'] as const;
  const curve = curves.find((each) => banner === `NEBULA ${names[use][each]} ${half} KEY`);
  if (curve !== undefined) return curve;
  const expected = use === 'ca' ? 'an authority' : 'a host';
  throw new Problem(
    'invalid-request',
    `A ${half.toLowerCase()} key of ${expected} is expected, not a ${banner}.`,
  );
}
