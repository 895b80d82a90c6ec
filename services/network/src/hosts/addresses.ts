/**
 * How hosts get their overlay addresses. A host holds an ordinal, its offset from the network's
 * base address; the address follows from it. Pure: no clock, no database.
 */
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

/**
 * @param address  that a caller asks for
 * @param taken    as for {@link nextOrdinal}
 * @throws {Problem} `invalid-request` for one that no host of the network can have; `address-taken`
 */
export function ordinalOf(address: string, cidr: string, taken: readonly number[]): number {
  const { address: base, bits } = parsePrefix(cidr);
  const ordinal = Number(parsePrefix(`${address}/32`).address - base);
  const last = 2 ** (32 - bits) - 2;
  if (ordinal < FIRST_ORDINAL || ordinal > last) {
    const [from, to] = [addressAt(cidr, FIRST_ORDINAL), addressAt(cidr, last)];
    throw new Problem('invalid-request', `body/address ${address} is not from ${from} to ${to}.`);
  }
  if (!taken.includes(ordinal)) return ordinal;
  throw new Problem(
    'address-taken',
    `${address} is in use, or was by a host whose certificate has not yet expired. Choose another.`,
  );
}

/** `addressAt('10.42.0.0/16', 258)` is `'10.42.1.2'`. */
export function addressAt(cidr: string, ordinal: number): string {
  const { address } = parsePrefix(cidr);
  const prefix = formatPrefix({ family: 4, address: address + BigInt(ordinal), bits: 32 });
  return prefix.replace(/\/.*/, '');
}

/** `inRange('10.42.1.2', '10.42.0.0/16')` is `'10.42.1.2/16'`, as certificates have it. */
export const inRange = (address: string, cidr: string): string =>
  `${address}/${parsePrefix(cidr).bits}`;
