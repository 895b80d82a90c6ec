/**
 * Certificates of version 1 only: every nebula since 1.6 reads them, and a version 2 one in a
 * bundle stops older ones from starting. Pure but for the randomness of keys.
 */
import { certificatePem, fingerprint, parseCertificate } from '@cep/nebula/certificates';
import { type Authority, issueCa, issueHost } from '@cep/nebula/issue';
import { generateCaKeys } from '@cep/nebula/keys';

export interface Issued {
  /** PEM */
  readonly certificate: string;
  readonly fingerprint: string;
  readonly notAfter: Date;
}

/** How far behind ours the clock of a machine may be. */
const CLOCK_SKEW_SECONDS = 3600;
const DAY_SECONDS = 86_400;

interface Lifetime {
  readonly now: Date;
  readonly days: number;
}

/**
 * Makes an authority that can give addresses inside `cidr` and nothing else: no route, no other
 * range.
 *
 * @returns its certificate, and its raw private key, to be sealed at once
 */
export function makeAuthority(
  { name, cidr }: { readonly name: string; readonly cidr: string },
  lifetime: Lifetime,
): Issued & { readonly privateKey: Uint8Array } {
  const { certificate, privateKey } = issueCa(
    { version: 1, name, networks: [cidr], ...validity(lifetime) },
    generateCaKeys(),
  );
  return { ...toIssued(certificate), privateKey };
}

/** The authority whose certificate and raw private key these are. */
export const openAuthority = (certificate: string, privateKey: Uint8Array): Authority => ({
  certificate: parseCertificate(certificate),
  privateKey,
});

interface HostRequest {
  readonly name: string;
  /** With the network's prefix, e.g. `10.42.0.7/16`. */
  readonly address: string;
  readonly groups: readonly string[];
  /** X25519, raw. */
  readonly publicKey: Uint8Array;
}

/** Signs what our records say of a host; it ends with the authority at the latest. */
export function certify(authority: Authority, request: HostRequest, lifetime: Lifetime): Issued {
  const { notBefore, notAfter } = validity(lifetime);
  const { address, ...rest } = request;
  const certificate = issueHost(authority, {
    ...rest,
    networks: [address],
    notBefore: Math.max(notBefore, authority.certificate.notBefore),
    notAfter: Math.min(notAfter, authority.certificate.notAfter),
  });
  return toIssued(certificate);
}

function validity({ now, days }: Lifetime) {
  const seconds = Math.floor(now.getTime() / 1000);
  return { notBefore: seconds - CLOCK_SKEW_SECONDS, notAfter: seconds + days * DAY_SECONDS };
}

const toIssued = (certificate: Authority['certificate']): Issued => ({
  certificate: certificatePem(certificate),
  fingerprint: fingerprint(certificate),
  notAfter: new Date(certificate.notAfter * 1000),
});
