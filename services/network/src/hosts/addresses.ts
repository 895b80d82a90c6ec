/**
 * How hosts get their overlay addresses. A host holds an ordinal, its offset from the network's
 * base address; the address follows from it. Pure: no clock, no database.
 */
import { isIP } from 'node:net';
import { Problem } from '@cep/contracts/problems';
import { formatPrefix, parsePrefix } from '@cep/nebula/prefixes';

/** Ordinal 0 names the network itself. */
const FIRST_ORDINAL = 1;

/**
 * Chooses the ordinal of the next host: the lowest that is free, so that addresses are used again
 * and a small network stays small.
 *
 * @param taken  ordinals that are not free, ascending and distinct
 * @param cidr   the network's IPv4 range, e.g. `10.42.0.0/16`; a prefix of 8 to 28 bits
 * @returns an ordinal from 1 to 2^(32 - prefix) - 2; the one above that is the broadcast address
 * @throws {Problem} `network-full` when none is left
 */
export function nextOrdinal(taken: readonly number[], cidr: string): number {
  const last = 2 ** (32 - parsePrefix(cidr).bits) - 2;
  const gap = taken.findIndex((ordinal, index) => ordinal !== FIRST_ORDINAL + index);
  const next = FIRST_ORDINAL + (gap === -1 ? taken.length : gap);
  if (next <= last) return next;
  throw new Problem(
    'network-full',
    `Every address of ${cidr} is in use, or was by a host whose certificate has not yet expired.`,
  );
}

export interface Ranges {
  readonly cidr: string;
  readonly cidr6: string | null;
}

/**
 * @param address  that a caller asks for, of either family; the other one follows from it
 * @param taken    as for {@link nextOrdinal}
 * @throws {Problem} `invalid-request` for one that no host of the network can have; `address-taken`
 */
export function ordinalOf(address: string, ranges: Ranges, taken: readonly number[]): number {
  const family = isIP(address);
  const range = family === 6 ? ranges.cidr6 : ranges.cidr;
  if (family === 0) throw wrong(`"${address}" is not an IP address`);
  if (range === null) {
    throw wrong(`${address}: this network has no IPv6, which needs certificates of version 2`);
  }
  const last = 2 ** (32 - parsePrefix(ranges.cidr).bits) - 2;
  const ordinal = Number(
    parsePrefix(`${address}/${family === 6 ? 128 : 32}`).address - parsePrefix(range).address,
  );
  if (ordinal < FIRST_ORDINAL || ordinal > last) {
    throw wrong(
      `${address} is not from ${addressAt(range, FIRST_ORDINAL)} to ${addressAt(range, last)}`,
    );
  }
  if (!taken.includes(ordinal)) return ordinal;
  throw new Problem(
    'address-taken',
    `${address} is in use, or was by a host whose certificate has not yet expired. Choose another.`,
  );
}

const wrong = (why: string) => new Problem('invalid-request', `body/address ${why}.`);

/** `addressAt('10.42.0.0/16', 258)` is `'10.42.1.2'`, `addressAt('fd00:42::/64', 258)` `'fd00:42::102'`. */
export function addressAt(cidr: string, ordinal: number): string {
  const range = parsePrefix(cidr);
  const prefix = formatPrefix({ ...range, address: range.address + BigInt(ordinal) });
  return prefix.replace(/\/.*/, '');
}

/** The IPv6 address beside a host's IPv4 address; null on a network without IPv6. */
export function address6Of({ cidr, cidr6 }: Ranges, address: string): string | null {
  if (cidr6 === null) return null;
  const ordinal = parsePrefix(`${address}/32`).address - parsePrefix(cidr).address;
  return addressAt(cidr6, Number(ordinal));
}

/**
 * What a host's certificates say: its addresses with the network's prefixes, IPv4 first, e.g.
 * `['10.42.1.2/16', 'fd00:42::102/64']`.
 */
export function networksOf(ranges: Ranges, address: string): [string, ...string[]] {
  const own = inRange(address, ranges.cidr);
  const address6 = address6Of(ranges, address);
  return address6 === null ? [own] : [own, inRange(address6, ranges.cidr6 ?? '')];
}

/** `inRange('10.42.1.2', '10.42.0.0/16')` is `'10.42.1.2/16'`, as certificates have it. */
export const inRange = (address: string, cidr: string): string =>
  `${address}/${parsePrefix(cidr).bits}`;
