/**
 * Version 1 certificates: protobuf (`cert/cert_v1.proto`, `cert/cert_v1.go`). Nebula signs and
 * verifies what it encodes anew, so only the one canonical form is ever valid.
 */
import { Problem } from '@cep/contracts/problems';
import {
  type Certificate,
  checkDetails,
  curveNumber,
  curveOf,
  type Details,
  decodeText,
  MAX_CERTIFICATE_BYTES,
} from './details.ts';
import { formatPrefix, type Prefix, parsePrefix } from './prefixes.ts';
import { bytesField, pack, readFields, repeatedField, unpack, varintField } from './protobuf.ts';

/** Field numbers of the two messages. */
const CERTIFICATE = { details: 1, signature: 2 } as const;
const DETAILS = {
  name: 1,
  networks: 2,
  unsafeNetworks: 3,
  groups: 4,
  notBefore: 5,
  notAfter: 6,
  publicKey: 7,
  isCa: 8,
  issuer: 9,
  curve: 100,
} as const;

/**
 * The bytes that a version 1 certificate signs (`cert/cert_v1.go`).
 *
 * @throws {Problem} `invalid-request` for what the format cannot carry, e.g. IPv6
 */
export function encodeDetailsV1(details: Details): Uint8Array {
  checkDetails(details);
  return Buffer.concat([
    bytesField(DETAILS.name, Buffer.from(details.name)),
    bytesField(DETAILS.networks, pack(details.networks.flatMap(addressAndMask))),
    bytesField(DETAILS.unsafeNetworks, pack(details.unsafeNetworks.flatMap(addressAndMask))),
    ...details.groups.map((group) => repeatedField(DETAILS.groups, Buffer.from(group))),
    varintField(DETAILS.notBefore, details.notBefore),
    varintField(DETAILS.notAfter, details.notAfter),
    bytesField(DETAILS.publicKey, details.publicKey),
    varintField(DETAILS.isCa, details.isCa ? 1 : 0),
    bytesField(DETAILS.issuer, Buffer.from(details.issuer, 'hex')),
    varintField(DETAILS.curve, curveNumber(details.curve)),
  ]);
}

/** The whole certificate as it is hashed and stored (`cert/cert_v1.go`, Marshal). */
export const encodeV1 = ({ rawDetails, signature }: Certificate): Uint8Array =>
  Buffer.concat([
    bytesField(CERTIFICATE.details, rawDetails),
    bytesField(CERTIFICATE.signature, signature),
  ]);

/**
 * Reads a certificate, canonical form only: unknown fields, another order, padded numbers and
 * explicit zeros are refused (`cert/cert_v1.go`, unmarshalCertificateV1). The signature is not
 * looked at.
 *
 * @throws {Problem} `invalid-request`, and nothing else, whatever the bytes
 */
export function decodeV1(bytes: Uint8Array): Certificate {
  if (bytes.length > MAX_CERTIFICATE_BYTES)
    throw new Problem('invalid-request', 'The certificate is too large.');
  const { one } = collect(bytes);
  const rawDetails = one(CERTIFICATE.details);
  const details = decodeDetails(rawDetails);
  const certificate = {
    ...details,
    version: 1,
    rawDetails,
    signature: one(CERTIFICATE.signature),
  } as const;
  const canonical = encodeV1({ ...certificate, rawDetails: encodeDetailsV1(details) });
  if (Buffer.compare(canonical, bytes) !== 0)
    throw new Problem('invalid-request', 'The certificate is not in canonical form.');
  return certificate;
}

function decodeDetails(bytes: Uint8Array): Details {
  const { one, number, all } = collect(bytes);
  return {
    name: decodeText(one(DETAILS.name)),
    networks: prefixes(unpack(one(DETAILS.networks))),
    unsafeNetworks: prefixes(unpack(one(DETAILS.unsafeNetworks))),
    groups: all(DETAILS.groups).map(decodeText),
    notBefore: number(DETAILS.notBefore),
    notAfter: number(DETAILS.notAfter),
    publicKey: one(DETAILS.publicKey),
    isCa: number(DETAILS.isCa) === 1,
    issuer: Buffer.from(one(DETAILS.issuer)).toString('hex'),
    curve: curveOf(number(DETAILS.curve)),
  };
}

/** Fields by number; those that are missing are empty or 0. What it drops, re-encoding reveals. */
function collect(bytes: Uint8Array) {
  const fields = readFields(bytes);
  const values = (number: number) =>
    fields.filter((field) => field.number === number).map(({ value }) => value);
  const all = (number: number) => values(number).filter((value) => typeof value !== 'number');
  return {
    all,
    one: (number: number): Uint8Array => all(number)[0] ?? Buffer.alloc(0),
    number: (number: number): number =>
      values(number).find((value) => typeof value === 'number') ?? 0,
  };
}

function addressAndMask(network: string): [number, number] {
  const { family, address, bits } = parsePrefix(network);
  if (family === 4) return [Number(address), maskOf(bits)];
  throw new Problem('invalid-request', `Version 1 certificates carry IPv4 only, not ${network}.`);
}

function prefixes(numbers: readonly number[]): string[] {
  const pairs = Array.from({ length: Math.floor(numbers.length / 2) }, (_, pair) => pair * 2);
  return pairs.map((at) => formatPrefix(toPrefix(numbers[at] ?? 0, numbers[at + 1] ?? 0)));
}

function toPrefix(address: number, mask: number): Prefix {
  const bits = Math.clz32(~mask);
  if (address < 2 ** 32 && mask === maskOf(bits))
    return { family: 4, address: BigInt(address), bits };
  throw new Problem('invalid-request', 'The certificate holds a network with an impossible mask.');
}

const maskOf = (bits: number): number => (bits === 0 ? 0 : (-1 << (32 - bits)) >>> 0);
