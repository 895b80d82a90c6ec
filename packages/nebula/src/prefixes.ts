/**
 * Addresses with a prefix length, such as `10.42.0.7/16` or `fd00:42::7/64`. The address is kept
 * whole: a host's network names both the host and the range it is in.
 */
import { isIP } from 'node:net';
import { Problem } from '@cep/contracts/problems';

export interface Prefix {
  readonly family: 4 | 6;
  readonly address: bigint;
  readonly bits: number;
}

const MAPPED_IPV4 = 0xffffn;

/** Bits in an address of a family. */
export const width = (family: 4 | 6): 32 | 128 => (family === 4 ? 32 : 128);

/**
 * Reads CIDR notation. Zones (`%eth0`) and IPv4-mapped IPv6 addresses are not networks Nebula
 * could carry, and are refused.
 *
 * @throws {Problem} `invalid-request`
 */
export function parsePrefix(text: string): Prefix {
  const [address = '', bits = '', ...rest] = text.slice(0, 64).split('/');
  const family = isIP(address) === 4 ? 4 : 6;
  const prefix = { family, address: parseAddress(address), bits: Number(bits) } as const;
  const wellFormed = rest.length === 0 && /^(0|[1-9]\d{0,2})$/.test(bits);
  if (wellFormed && prefix.bits <= width(family)) return prefix;
  throw new Problem('invalid-request', `'${text.slice(0, 64)}' is not an address/prefix.`);
}

/** Writes canonical CIDR notation (RFC 5952 for IPv6), the address whole. */
export function formatPrefix({ family, address, bits }: Prefix): string {
  const text =
    family === 4
      ? [24n, 16n, 8n, 0n].map((shift) => (address >> shift) & 0xffn).join('.')
      : formatIpv6(address);
  return `${text}/${bits}`;
}

/** Whether all of `inner`'s range lies in `outer`'s. */
export const contains = (outer: Prefix, inner: Prefix): boolean =>
  outer.bits <= inner.bits && overlaps(outer, inner);

/** Whether two ranges have an address in common. */
export function overlaps(a: Prefix, b: Prefix): boolean {
  const shift = BigInt(width(a.family) - Math.min(a.bits, b.bits));
  return a.family === b.family && (a.address ^ b.address) >> shift === 0n;
}

/** The order of networks in a version 2 certificate: IPv4 first, then address, then length. */
export function comparePrefixes(a: Prefix, b: Prefix): number {
  if (a.family !== b.family) return a.family - b.family;
  if (a.address !== b.address) return a.address < b.address ? -1 : 1;
  return a.bits - b.bits;
}

/** The bits of the address that the prefix leaves to hosts; 0 for the range's own name. */
export const hostPart = ({ family, address, bits }: Prefix): bigint =>
  address & ((1n << BigInt(width(family) - bits)) - 1n);

/** Whether an IPv4 prefix's address is its range's broadcast address. */
export const isBroadcast = (prefix: Prefix): boolean =>
  prefix.family === 4 &&
  prefix.bits < 31 &&
  hostPart(prefix) === (1n << BigInt(32 - prefix.bits)) - 1n;

function parseAddress(text: string): bigint {
  const family = isIP(text);
  if (family === 4) return text.split('.').reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  if (family === 6 && !text.includes('%')) {
    const address = parseIpv6(text);
    if (address >> 32n !== MAPPED_IPV4) return address;
  }
  throw new Problem('invalid-request', `'${text}' is not an IP address that Nebula can carry.`);
}

/** The URL parser knows every spelling of IPv6, and writes the one of RFC 5952. */
const canonicalIpv6 = (text: string): string => new URL(`http://[${text}]`).hostname.slice(1, -1);

function parseIpv6(text: string): bigint {
  const [head, tail] = canonicalIpv6(text)
    .split('::')
    .map((half) => half.split(':').filter(Boolean));
  const missing = 8 - (head?.length ?? 0) - (tail?.length ?? 0);
  const groups = [...(head ?? []), ...Array<string>(missing).fill('0'), ...(tail ?? [])];
  return groups.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

function formatIpv6(address: bigint): string {
  const digits = address.toString(16).padStart(32, '0');
  return canonicalIpv6(digits.match(/.{4}/g)?.join(':') ?? '');
}
