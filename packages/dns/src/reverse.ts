/** Where names of addresses live: `in-addr.arpa` (RFC 1035, 3.5) and `ip6.arpa` (RFC 3596, 2.5). */
import { isIP } from 'node:net';
import { Problem } from '@cep/contracts/problems';
import { type Prefix, parsePrefix, width } from '@cep/nebula/prefixes';
import { keyOf } from './names.ts';

/** An address alone, as the prefix that holds nothing else. @throws {Problem} `invalid-request` */
export function parseAddress(text: string): Prefix {
  const family = isIP(text);
  if (family === 4 || family === 6) return parsePrefix(`${text}/${width(family)}`);
  throw new Problem('invalid-request', `"${text.slice(0, 80)}" is not an IP address.`);
}

/** The key of the name that an address has in reverse. */
export const reverseKey = (address: Prefix): string => keyAt(address);

/**
 * Keys of the zones that cover a range and nothing beside it. A range that ends within a label (of
 * 8 bits in IPv4, of 4 in IPv6) is several: of 10.64.0.0/10 there are 64.
 */
export function reverseZones({ family, address, bits }: Prefix): string[] {
  const label = labelBits(family);
  const aligned = Math.max(label, Math.ceil(bits / label) * label);
  const free = BigInt(width(family) - aligned);
  const first = (address >> BigInt(width(family) - bits)) << BigInt(aligned - bits);
  return Array.from({ length: 2 ** (aligned - bits) }, (_, index) =>
    keyAt({ family, address: (first + BigInt(index)) << free, bits: aligned }),
  );
}

const labelBits = (family: 4 | 6): 8 | 4 => (family === 4 ? 8 : 4);

function keyAt({ family, address, bits }: Prefix): string {
  const label = labelBits(family);
  const labels: string[] = [];
  for (let end = bits; end > 0; end -= label) {
    const value = Number((address >> BigInt(width(family) - end)) & ((1n << BigInt(label)) - 1n));
    labels.push(value.toString(family === 4 ? 10 : 16));
  }
  return keyOf([...labels, family === 4 ? 'in-addr' : 'ip6', 'arpa']);
}
