/**
 * Version 2 certificates: ASN.1 DER (`cert/cert_v2.asn1`, `cert/cert_v2.go`). The details are
 * signed as they stand, so fields that a later nebula may append are carried along unread.
 */
import { Problem } from '@cep/contracts/problems';
import { type Element, element, integerContent, readElements, readInteger } from './der.ts';
import {
  type Certificate,
  checkDetails,
  curveNumber,
  curveOf,
  type Details,
  decodeText,
  MAX_CERTIFICATE_BYTES,
} from './details.ts';
import { comparePrefixes, formatPrefix, type Prefix, parsePrefix, width } from './prefixes.ts';

const SEQUENCE = 0x30;
const OCTET_STRING = 0x04;
const UTF8_STRING = 0x0c;
const CERTIFICATE = { details: 0xa0, curve: 0x81, publicKey: 0x82, signature: 0x83 } as const;
const DETAILS = {
  name: 0x80,
  networks: 0xa1,
  unsafeNetworks: 0xa2,
  groups: 0xa3,
  isCa: 0x84,
  notBefore: 0x85,
  notAfter: 0x86,
  issuer: 0x87,
} as const;
const FIRST_UNKNOWN_FIELD = 8;
const LONGEST_NAME = 253;

/**
 * The tagged details element of a version 2 certificate; networks are sorted (`cert/cert_v2.go`).
 *
 * @throws {Problem} `invalid-request` for what the format does not allow
 */
export const encodeDetailsV2 = (details: Details): Uint8Array =>
  element(CERTIFICATE.details, detailsContent(details));

/** The bytes that are signed: the details, the curve always, the key (`cert/cert_v2.go`). */
export const signedBytesV2 = (
  rawDetails: Uint8Array,
  { curve, publicKey }: Pick<Details, 'curve' | 'publicKey'>,
): Uint8Array => Buffer.concat([rawDetails, Buffer.of(curveNumber(curve)), publicKey]);

/** The whole certificate as it is stored; what is hashed differs (`cert/cert_v2.go`, Marshal). */
export const encodeV2 = ({ rawDetails, curve, publicKey, signature }: Certificate): Uint8Array =>
  element(
    SEQUENCE,
    rawDetails,
    optional(CERTIFICATE.curve, curve === 'p256' && Buffer.of(curveNumber(curve))),
    element(CERTIFICATE.publicKey, publicKey),
    element(CERTIFICATE.signature, signature),
  );

/**
 * Reads a certificate, canonical form only, save for unknown fields at the end of the details
 * (`cert/cert_v2.go`, unmarshalCertificateV2). The signature is not looked at.
 *
 * @throws {Problem} `invalid-request`, and nothing else, whatever the bytes
 */
export function decodeV2(bytes: Uint8Array): Certificate {
  if (bytes.length > MAX_CERTIFICATE_BYTES)
    throw new Problem('invalid-request', 'The certificate is too large.');
  const outer = byTag(readElements(readElements(bytes)[0]?.content ?? bytes));
  const content = outer(CERTIFICATE.details);
  const curve = curveOf(outer(CERTIFICATE.curve)[0] ?? 0);
  const details = decodeDetails(content, curve, outer(CERTIFICATE.publicKey));
  checkCanonicalDetails(content, details);
  const certificate = {
    ...details,
    version: 2,
    rawDetails: element(CERTIFICATE.details, content),
    signature: outer(CERTIFICATE.signature),
  } as const;
  if (Buffer.compare(encodeV2(certificate), bytes) !== 0) throw notCanonical();
  return certificate;
}

function detailsContent(details: Details): Uint8Array {
  checkDetails(details);
  const networks = ordered(details.networks);
  const unsafe = ordered(details.unsafeNetworks);
  checkNameAndFamilies(details, networks, unsafe);
  const groups = details.groups.map((group) => element(UTF8_STRING, Buffer.from(group)));
  return Buffer.concat([
    element(DETAILS.name, Buffer.from(details.name)),
    optional(DETAILS.networks, Buffer.concat(networks.map(octets))),
    optional(DETAILS.unsafeNetworks, Buffer.concat(unsafe.map(octets))),
    optional(DETAILS.groups, Buffer.concat(groups)),
    optional(DETAILS.isCa, details.isCa && Buffer.of(0xff)),
    element(DETAILS.notBefore, integerContent(BigInt(details.notBefore))),
    element(DETAILS.notAfter, integerContent(BigInt(details.notAfter))),
    optional(DETAILS.issuer, Buffer.from(details.issuer, 'hex')),
  ]);
}

function decodeDetails(
  content: Uint8Array,
  curve: Details['curve'],
  publicKey: Uint8Array,
): Details {
  const field = byTag(readElements(content));
  const runOf = (tag: number) => readElements(field(tag)).map((member) => member.content);
  return {
    name: decodeText(field(DETAILS.name)),
    networks: runOf(DETAILS.networks).map(toNetwork),
    unsafeNetworks: runOf(DETAILS.unsafeNetworks).map(toNetwork),
    groups: runOf(DETAILS.groups).map(decodeText),
    notBefore: Number(readInteger(field(DETAILS.notBefore))),
    notAfter: Number(readInteger(field(DETAILS.notAfter))),
    publicKey,
    isCa: field(DETAILS.isCa).length > 0,
    issuer: Buffer.from(field(DETAILS.issuer)).toString('hex'),
    curve,
  };
}

/** The known fields must stand as we would write them; only unknown ones may follow. */
function checkCanonicalDetails(content: Uint8Array, details: Details): void {
  const known = detailsContent(details);
  if (Buffer.compare(known, content.subarray(0, known.length)) !== 0) throw notCanonical();
  const isUnknown = ({ tag }: Element) =>
    tag >= 0x80 && tag < 0xc0 && (tag & 0x1f) >= FIRST_UNKNOWN_FIELD;
  if (!readElements(content.subarray(known.length)).every(isUnknown)) throw notCanonical();
}

function checkNameAndFamilies(
  { name, isCa }: Details,
  networks: readonly Prefix[],
  unsafe: readonly Prefix[],
): void {
  const length = Buffer.byteLength(name);
  if (length === 0 || length > LONGEST_NAME)
    throw new Problem('invalid-request', `A name has 1 to ${LONGEST_NAME} bytes.`);
  for (const { family } of isCa ? [] : unsafe) {
    if (networks.some((network) => network.family === family)) continue;
    throw new Problem(
      'invalid-request',
      `To route to IPv${family} a host needs an IPv${family} address of its own.`,
    );
  }
}

function ordered(networks: readonly string[]): Prefix[] {
  const sorted = networks.map(parsePrefix).toSorted(comparePrefixes);
  sorted.reduce((previous, next) => {
    if (comparePrefixes(previous, next) !== 0) return next;
    throw new Problem('invalid-request', `The network ${formatPrefix(next)} is named twice.`);
  }, NO_PREFIX);
  return sorted;
}

/** Differs from every prefix. */
const NO_PREFIX: Prefix = { family: 4, address: -1n, bits: 0 };

function octets({ family, address, bits }: Prefix): Uint8Array {
  const digits = address.toString(16).padStart(width(family) / 4, '0');
  return element(OCTET_STRING, Buffer.from(digits, 'hex'), Buffer.of(bits));
}

function toNetwork(bytes: Uint8Array): string {
  if (bytes.length !== 5 && bytes.length !== 17) throw notCanonical();
  const address = BigInt(`0x${Buffer.from(bytes.subarray(0, -1)).toString('hex')}`);
  const family = bytes.length === 5 ? 4 : 6;
  return formatPrefix({ family, address, bits: bytes.at(-1) ?? 0 });
}

/** The first element of each tag; empty when there is none. What it drops, re-encoding reveals. */
function byTag(elements: readonly Element[]): (tag: number) => Uint8Array {
  return (tag) => elements.find((found) => found.tag === tag)?.content ?? Buffer.alloc(0);
}

const optional = (tag: number, content: Uint8Array | false): Uint8Array =>
  content === false || content.length === 0 ? Buffer.alloc(0) : element(tag, content);

const notCanonical = () =>
  new Problem('invalid-request', 'The certificate is not in canonical form.');
