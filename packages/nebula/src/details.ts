/** What a Nebula certificate says, whatever its version. */
import { Problem } from '@cep/contracts/problems';
import { parsePrefix } from './prefixes.ts';

/** `curve25519`: X25519 for hosts, Ed25519 for authorities. `p256`: needs nebula 1.7. */
export type Curve = 'curve25519' | 'p256';

/** 1: protobuf, IPv4, read by every nebula. 2: DER, IPv4 and IPv6, read by nebula 1.10 and later. */
export type Version = 1 | 2;

/** Times are whole unix seconds; both ends belong to the validity. */
export interface Details {
  readonly name: string;
  /** CIDR notation, e.g. `10.42.0.7/16`: on a host its address, on an authority what it may give. */
  readonly networks: readonly string[];
  /** CIDR notation: what a host may route to, e.g. `192.168.9.0/24`. */
  readonly unsafeNetworks: readonly string[];
  readonly groups: readonly string[];
  readonly notBefore: number;
  readonly notAfter: number;
  /** Raw: 32 bytes, or 65 for P-256. */
  readonly publicKey: Uint8Array;
  readonly isCa: boolean;
  /** The authority's fingerprint in hex; empty on an authority. */
  readonly issuer: string;
  readonly curve: Curve;
}

/** Made by {@link signCertificate} and the parsers only: its members always agree. */
export interface Certificate extends Details {
  readonly version: Version;
  /** The details exactly as they were signed: version 1's message, version 2's tagged element. */
  readonly rawDetails: Uint8Array;
  readonly signature: Uint8Array;
}

/** No certificate is larger: nebula's own limit for version 2, ours for both. */
export const MAX_CERTIFICATE_BYTES = 65_536;

/** The last second of the year 9999. */
const LAST_SECOND = 253_402_300_799;

/** Bytes of a raw public key (`cert/pem.go`). */
export const publicKeyLength = (curve: Curve): 32 | 65 => (curve === 'p256' ? 65 : 32);

/** The curve's number on the wire (`cert/cert_v1.proto`). */
export const curveNumber = (curve: Curve): 0 | 1 => (curve === 'p256' ? 1 : 0);

/** @throws {Problem} `invalid-request` for a number that no curve has */
export function curveOf(number: number): Curve {
  if (number === 0) return 'curve25519';
  if (number === 1) return 'p256';
  throw new Problem('invalid-request', `The certificate is of the unknown curve ${number}.`);
}

/**
 * Checks what holds in both formats (`cert/cert_v1.go` and `cert/cert_v2.go`, validate). A host
 * without a network is refused, as nebula has done since 1.10.
 *
 * @throws {Problem} `invalid-request`
 */
export function checkDetails(details: Details): void {
  const { notBefore, notAfter, publicKey, networks, issuer, isCa, curve } = details;
  if (![notBefore, notAfter].every(isSecond))
    throw new Problem('invalid-request', 'A certificate is valid between two whole unix seconds.');
  if (publicKey.length !== publicKeyLength(curve))
    throw new Problem('invalid-request', `The public key is not one of the curve ${curve}.`);
  if (!isCa && networks.length === 0)
    throw new Problem('invalid-request', 'A host certificate needs a network.');
  if (!/^([0-9a-f]{64})?$/.test(issuer))
    throw new Problem('invalid-request', 'The issuer is not a fingerprint.');
  for (const network of [...networks, ...details.unsafeNetworks]) parsePrefix(network);
}

/** @throws {Problem} `invalid-request` for bytes that are not UTF-8 */
export function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new Problem('invalid-request', 'The certificate holds text that is not UTF-8.', {
      cause,
    });
  }
}

const isSecond = (value: number) => Number.isInteger(value) && value >= 0 && value <= LAST_SECOND;
