import { Problem } from '@cep/contracts/problems';
import { fingerprint, fingerprints, isSignedByAuthority } from './certificates.ts';
import { excess } from './constraints.ts';
import type { Certificate, Details } from './details.ts';

/** Trusted authorities by fingerprint; made by {@link authorityPool}. */
export type AuthorityPool = ReadonlyMap<string, Certificate>;

/** What a certificate is, or the first thing that is wrong with it, in nebula's order. */
export type Verdict =
  | 'valid'
  | 'blocklisted'
  | 'unknown-authority'
  | 'other-curve'
  | 'authority-expired'
  | 'expired'
  | 'bad-signature'
  | 'not-a-host'
  | 'exceeds-authority';

export interface VerifyOptions {
  /** Unix seconds. */
  readonly now: number;
  /** Fingerprints of certificates that are no longer trusted. */
  readonly blocklist?: ReadonlySet<string>;
}

/**
 * Collects the certificates to trust, each of which must be an authority's own, signed by itself
 * (`cert/ca_pool.go`, AddCA). An expired one is taken: what it signed is then found expired.
 *
 * @throws {Problem} `invalid-request`
 */
export function authorityPool(certificates: readonly Certificate[]): AuthorityPool {
  for (const certificate of certificates) {
    if (
      certificate.isCa &&
      certificate.issuer === '' &&
      isSignedByAuthority(certificate, certificate)
    )
      continue;
    throw new Problem(
      'invalid-request',
      `'${certificate.name}' is not the certificate of an authority, signed by itself.`,
    );
  }
  return new Map(certificates.map((each) => [fingerprint(each), each]));
}

/**
 * Judges a host's certificate as nebula does when it meets one, and in the same order
 * (`cert/ca_pool.go`, VerifyCertificate): blocklist, authority, curve, both lifetimes, signature,
 * the authority's limits. An authority's certificate is not a host's, whoever signed it.
 */
export function verify(
  certificate: Certificate,
  authorities: AuthorityPool,
  { now, blocklist = new Set() }: VerifyOptions,
): Verdict {
  if (fingerprints(certificate).some((each) => blocklist.has(each))) return 'blocklisted';
  const authority = authorities.get(certificate.issuer);
  if (authority === undefined) return 'unknown-authority';
  if (authority.curve !== certificate.curve) return 'other-curve';
  if (isExpired(authority, now)) return 'authority-expired';
  if (isExpired(certificate, now)) return 'expired';
  if (!isSignedByAuthority(certificate, authority)) return 'bad-signature';
  if (certificate.isCa) return 'not-a-host';
  return excess(authority, certificate) === undefined ? 'valid' : 'exceeds-authority';
}

/** Whether `now`, in unix seconds, is outside the validity; both its ends are inside. */
export const isExpired = ({ notBefore, notAfter }: Details, now: number): boolean =>
  now < notBefore || now > notAfter;
