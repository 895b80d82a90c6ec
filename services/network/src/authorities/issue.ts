/**
 * Who is somebody has a certificate of version 1, which every nebula since 1.6 reads, and where the
 * network has IPv6 one of version 2 beside it, for the same key. Pure but for the randomness of keys.
 */
import {
  certificatePem,
  fingerprint,
  fingerprints,
  parseCertificate,
} from '@cep/nebula/certificates';
import type { Certificate, Curve, Version } from '@cep/nebula/details';
import { type Authority, issueCa, issueHost } from '@cep/nebula/issue';
import { generateCaKeys } from '@cep/nebula/keys';

export interface Issued {
  /** PEM, of version 1. */
  readonly certificate: string;
  /** PEM, of version 2. */
  readonly certificateV2: string | null;
  /** Of version 1: by this one it is known. */
  readonly fingerprint: string;
  /** Whatever else must be blocked to block it. */
  readonly otherFingerprints: readonly string[];
  readonly notAfter: Date;
}

/** How far behind ours the clock of a machine may be. */
const CLOCK_SKEW_SECONDS = 3600;
const DAY_SECONDS = 86_400;

interface Lifetime {
  readonly now: Date;
  readonly days: number;
}

interface NetworkRequest {
  readonly name: string;
  readonly curve: Curve;
  /** Of IPv4, then of IPv6 if there is one. */
  readonly ranges: readonly string[];
}

/**
 * Makes an authority that can give addresses inside the ranges and nothing else: no route, no other
 * range.
 *
 * @returns its certificates, and its raw private key, to be sealed at once
 */
export function makeAuthority(
  { name, curve, ranges }: NetworkRequest,
  lifetime: Lifetime,
): Issued & { readonly privateKey: Uint8Array } {
  const keys = generateCaKeys(curve);
  const issue = (version: Version, networks: readonly string[]) =>
    issueCa({ version, name, networks, ...validity(lifetime) }, keys).certificate;
  const first = issue(1, ranges.slice(0, 1));
  const second = ranges.length > 1 ? issue(2, ranges) : undefined;
  return { ...toIssued(first, second), privateKey: keys.privateKey };
}

/** An authority in both versions, that of version 2 if it has one. */
export interface OpenAuthority {
  readonly first: Authority;
  readonly second: Authority | undefined;
}

/** The authority whose certificates and raw private key these are. */
export const openAuthority = (
  { certificate, certificateV2 }: Pick<Issued, 'certificate' | 'certificateV2'>,
  privateKey: Uint8Array,
): OpenAuthority => ({
  first: { certificate: parseCertificate(certificate), privateKey },
  second:
    certificateV2 === null
      ? undefined
      : { certificate: parseCertificate(certificateV2), privateKey },
});

interface HostRequest {
  readonly name: string;
  /** With the network's prefixes, IPv4 first, e.g. `10.42.0.7/16`. */
  readonly networks: readonly string[];
  /** What its nebula reads. */
  readonly versions: readonly Version[];
  readonly groups: readonly string[];
  /** Raw, of the authority's curve. */
  readonly publicKey: Uint8Array;
}

/** Signs what our records say of a host; it ends with the authority at the latest. */
export function certify(
  { first, second }: OpenAuthority,
  { networks, versions, ...request }: HostRequest,
  lifetime: Lifetime,
): Issued {
  const { notBefore, notAfter } = validity(lifetime);
  const issue = (authority: Authority, own: readonly string[]) =>
    issueHost(authority, {
      ...request,
      networks: own,
      notBefore: Math.max(notBefore, authority.certificate.notBefore),
      notAfter: Math.min(notAfter, authority.certificate.notAfter),
    });
  return toIssued(
    issue(first, networks.slice(0, 1)),
    second && versions.includes(2) ? issue(second, networks) : undefined,
  );
}

function validity({ now, days }: Lifetime) {
  const seconds = Math.floor(now.getTime() / 1000);
  return { notBefore: seconds - CLOCK_SKEW_SECONDS, notAfter: seconds + days * DAY_SECONDS };
}

function toIssued(first: Certificate, second: Certificate | undefined): Issued {
  const own = fingerprint(first);
  const all = [first, ...(second ? [second] : [])].flatMap(fingerprints);
  return {
    certificate: certificatePem(first),
    certificateV2: second ? certificatePem(second) : null,
    fingerprint: own,
    otherFingerprints: all.filter((each) => each !== own),
    notAfter: new Date(first.notAfter * 1000),
  };
}
