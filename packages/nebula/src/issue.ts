/** What an authority of cep signs, and what it refuses: stricter than what nebula accepts. */
import { Problem } from '@cep/contracts/problems';
import { fingerprint, signCertificate } from './certificates.ts';
import { excess } from './constraints.ts';
import type { Certificate, Details, Version } from './details.ts';
import { isHostPublicKey, type KeyPair, keyPairOf } from './keys.ts';
import { checkCaName, checkGroups, checkHostName } from './names.ts';
import { hostPart, isBroadcast, overlaps, parsePrefix, width } from './prefixes.ts';

/** A certificate authority and its raw private key. */
export interface Authority {
  readonly certificate: Certificate;
  readonly privateKey: Uint8Array;
}

interface Request {
  readonly name: string;
  readonly networks: readonly string[];
  readonly unsafeNetworks?: readonly string[];
  readonly groups?: readonly string[];
  /** Unix seconds; both ends belong to the validity. */
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface CaRequest extends Request {
  readonly version: Version;
}

export interface HostRequest extends Request {
  /** The authority's own, when left out. */
  readonly version?: Version;
  /** Raw, of the authority's curve. */
  readonly publicKey: Uint8Array;
}

/** A range that holds no host: an authority that lists it can give no other (`cert/ca_pool.go`). */
const NOTHING = '255.255.255.255/32';

/**
 * Makes an authority that may give addresses in its networks, and routes into its unsafe networks
 * only: without any it is locked, since nebula reads an empty list as everything
 * (`cert/ca_pool.go`, `cmd/nebula-cert/ca.go`).
 *
 * @param keys  the authority's, from `generateCaKeys`
 * @throws {Problem} `invalid-request`
 */
export function issueCa({ version, ...request }: CaRequest, keys: KeyPair): Authority {
  const { name, networks, unsafeNetworks = [], groups = [] } = request;
  checkCaName(name);
  checkGroups(groups);
  checkValidity(request);
  if (networks.length === 0) throw refused('An authority needs a network to give addresses from.');
  for (const each of [...networks, ...unsafeNetworks])
    if (hostPart(parsePrefix(each)) !== 0n) throw refused(`${each} is not the start of a range.`);
  checkApart(unsafeNetworks, networks);

  const { curve, publicKey, privateKey } = keyPairOf('ca', keys.curve, keys.privateKey);
  const details = {
    ...{ name, networks, groups, curve, publicKey, isCa: true, issuer: '' },
    unsafeNetworks: unsafeNetworks.length === 0 ? [NOTHING] : unsafeNetworks,
    ...{ notBefore: request.notBefore, notAfter: request.notAfter },
  };
  return { certificate: signCertificate(version, details, privateKey), privateKey };
}

/**
 * Signs a host's certificate, within the authority's limits and ours: one address (in version 2
 * one of each family), a name that DNS can carry, no route that overlaps the overlay, with which a
 * host could speak for others (`cert/sign.go`, `cert/ca_pool.go`).
 *
 * @throws {Problem} `invalid-request`, saying which limit
 * @throws {Error} when the private key is not that of the authority's certificate
 */
export function issueHost(authority: Authority, request: HostRequest): Certificate {
  const { certificate, privateKey } = authority;
  if (!isOwnKey(authority)) throw new Error(`This is not the key of '${certificate.name}'.`);
  const { version = certificate.version, name, networks, publicKey } = request;
  const { unsafeNetworks = [], groups = [] } = request;
  checkHostName(name);
  checkGroups(groups);
  checkValidity(request);
  checkAddresses(version, networks);
  checkApart(unsafeNetworks, [...certificate.networks, ...networks]);
  if (!isHostPublicKey(certificate.curve, publicKey))
    throw refused(`The public key is not one of the curve ${certificate.curve}.`);

  const details: Details = {
    ...{ name, networks, unsafeNetworks, groups, publicKey, isCa: false },
    ...{ notBefore: request.notBefore, notAfter: request.notAfter },
    ...{ curve: certificate.curve, issuer: fingerprint(certificate) },
  };
  const sentence = excess(certificate, details);
  if (sentence !== undefined) throw refused(sentence);
  return signCertificate(version, details, privateKey);
}

function isOwnKey({ certificate, privateKey }: Authority): boolean {
  const { curve, publicKey } = certificate;
  const own =
    curve === 'p256' ? keyPairOf('ca', curve, privateKey).publicKey : privateKey.subarray(32);
  return Buffer.compare(own, publicKey) === 0;
}

function checkValidity({ notBefore, notAfter }: Request): void {
  if (!(notBefore < notAfter)) throw refused('A certificate must end after it begins.');
}

/** Nebula before 1.9.7 mistakes the sender of a host that has two addresses of one family. */
function checkAddresses(version: Version, networks: readonly string[]): void {
  const prefixes = networks.map(parsePrefix);
  const families = new Set(prefixes.map(({ family }) => family));
  if (families.size !== networks.length || (version === 1 && networks.length !== 1))
    throw refused('A host has one address, or with version 2 one of IPv4 and one of IPv6.');
  for (const prefix of prefixes) {
    const isName = hostPart(prefix) === 0n && prefix.bits < width(prefix.family) - 1;
    if (isName || isBroadcast(prefix) || prefix.address === 0n)
      throw refused(`${networks.join(' and ')} is not the address of a host.`);
  }
}

function checkApart(unsafeNetworks: readonly string[], overlay: readonly string[]): void {
  for (const each of unsafeNetworks) {
    const unsafe = parsePrefix(each);
    const taken = overlay.find((network) => overlaps(parsePrefix(network), unsafe));
    if (taken !== undefined)
      throw refused(`The route ${each} overlaps ${taken}, where the members of the network are.`);
  }
}

const refused = (sentence: string) => new Problem('invalid-request', sentence);
