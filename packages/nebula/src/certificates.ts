/** Certificates of either version: to bytes and PEM, back, and what identifies them. */
import { createHash } from 'node:crypto';
import { Problem } from '@cep/contracts/problems';
import { decodeV1, encodeDetailsV1, encodeV1 } from './certificate-v1.ts';
import { decodeV2, encodeDetailsV2, encodeV2, signedBytesV2 } from './certificate-v2.ts';
import type { Certificate, Details, Version } from './details.ts';
import { decodePem, encodePem, type PemBlock } from './pem.ts';
import { isSignedBy, otherEcdsaSignature, signBytes } from './signatures.ts';

const V1 = 'NEBULA CERTIFICATE';
const V2 = 'NEBULA CERTIFICATE V2';

/**
 * Encodes and signs, checking the format and nothing else: what an authority should sign is
 * decided by `issue.ts` (`cert/sign.go`).
 *
 * @param privateKey  the authority's, raw; the certificate's own for an authority's certificate
 * @throws {Problem} `invalid-request` for details that the version cannot carry
 */
export function signCertificate(
  version: Version,
  details: Details,
  privateKey: Uint8Array,
): Certificate {
  const rawDetails = version === 1 ? encodeDetailsV1(details) : encodeDetailsV2(details);
  const unsigned = { ...details, version, rawDetails, signature: Buffer.alloc(0) };
  return { ...unsigned, signature: signBytes(details.curve, privateKey, signedBytes(unsigned)) };
}

/** Whether `authority`'s key made the certificate's signature; says nothing about its rights. */
export const isSignedByAuthority = (
  certificate: Certificate,
  authority: Pick<Details, 'curve' | 'publicKey'>,
): boolean => isSignedBy(authority, signedBytes(certificate), certificate.signature);

/** Lower-case hex of 64 digits (`cert/cert_v1.go` and `cert/cert_v2.go`, Fingerprint). */
export function fingerprint(certificate: Certificate): string {
  const hashed =
    certificate.version === 1
      ? encodeV1(certificate)
      : Buffer.concat([signedBytes(certificate), certificate.signature]);
  return createHash('sha256').update(hashed).digest('hex');
}

/**
 * Its {@link fingerprint}, and for P-256 that of its twin: anybody can turn one into the other, and
 * nebula before 1.10.3 takes a twin for another certificate, so who blocks one must block both.
 */
export function fingerprints(certificate: Certificate): string[] {
  const own = fingerprint(certificate);
  if (certificate.curve !== 'p256') return [own];
  try {
    const signature = otherEcdsaSignature(certificate.signature);
    return [own, fingerprint({ ...certificate, signature })];
  } catch {
    return [own];
  }
}

/** The certificate's own encoding: protobuf or DER (`cert/cert.go`, Marshal). */
export const encodeCertificate = (certificate: Certificate): Uint8Array =>
  certificate.version === 1 ? encodeV1(certificate) : encodeV2(certificate);

/** `cert/cert.go`, MarshalPEM. */
export const certificatePem = (certificate: Certificate): string =>
  encodePem(certificate.version === 1 ? V1 : V2, encodeCertificate(certificate));

/**
 * Reads the one certificate of a PEM text. Its signature is not looked at: see `verify.ts`.
 *
 * @throws {Problem} `invalid-request`, and nothing else, whatever the text
 */
export function parseCertificate(pem: string): Certificate {
  const [certificate, ...more] = parseCertificates(pem);
  if (certificate === undefined || more.length > 0)
    throw new Problem('invalid-request', 'One certificate is expected.');
  return certificate;
}

/**
 * Reads all certificates of a PEM text, e.g. a bundle of authorities (`cert/pem.go`).
 *
 * @throws {Problem} `invalid-request`, and nothing else, whatever the text
 */
export const parseCertificates = (pem: string): Certificate[] => decodePem(pem).map(fromBlock);

function fromBlock({ banner, bytes }: PemBlock): Certificate {
  if (banner === V1) return decodeV1(bytes);
  if (banner === V2) return decodeV2(bytes);
  throw new Problem('invalid-request', `A certificate is expected, not a ${banner}.`);
}

/** `cert/cert_v1.go` and `cert/cert_v2.go`, marshalForSigning. */
const signedBytes = (certificate: Certificate): Uint8Array =>
  certificate.version === 1
    ? certificate.rawDetails
    : signedBytesV2(certificate.rawDetails, certificate);
