/** Which ranges a network may have, and which it is given when none is asked for. Pure. */
import { randomBytes } from 'node:crypto';
import { Problem } from '@cep/contracts/problems';
import { contains, formatPrefix, hostPart, overlaps, parsePrefix } from '@cep/nebula/prefixes';

/** RFC 1918, and the shared range of RFC 6598. */
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'];

/** Room for 14 hosts; with fewer a network would soon have to be made anew. */
const LONGEST_PREFIX = 28;

/**
 * @param cidr  as a caller gave it
 * @throws {Problem} `invalid-request` unless it is the name of a private IPv4 range of 8 to 28 bits,
 *   such as `10.42.0.0/16`
 */
export function checkRange(cidr: string): void {
  const range = read(cidr);
  const start = { ...range, address: range.address - hostPart(range) };
  if (!PRIVATE.some((each) => contains(parsePrefix(each), start))) {
    throw refused(`${cidr} is not private: take a range inside ${PRIVATE.join(', ')}`);
  }
  if (range.bits > LONGEST_PREFIX) {
    throw refused(`${cidr} is too small: the prefix may have at most ${LONGEST_PREFIX} bits`);
  }
  if (range.address !== start.address) {
    throw refused(`${cidr} is an address in a range: write ${formatPrefix(start)}`);
  }
}

/**
 * A free /16 of 10.0.0.0/8, chosen at random so that networks of two installations seldom meet.
 *
 * @param taken   ranges to stay clear of
 * @param random  from 0 to below 1
 * @throws {Problem} `range-overlaps` when none is free
 */
export function chooseRange(taken: readonly string[], random: number): string {
  const prefixes = taken.map(parsePrefix);
  const free = Array.from({ length: 256 }, (_, second) => `10.${second}.0.0/16`).filter((text) => {
    const candidate = parsePrefix(text);
    return !prefixes.some((each) => overlaps(each, candidate));
  });
  const chosen = free[Math.floor(random * free.length)];
  if (chosen !== undefined) return chosen;
  throw new Problem(
    'range-overlaps',
    'No /16 of 10.0.0.0/8 is free: give the network a range, e.g. 172.20.0.0/16.',
  );
}

/** Unique local addresses that somebody made up (RFC 4193, section 3.1). */
const UNIQUE_LOCAL = 'fd00::/8';

/** Every ordinal that a network of IPv4 can have fits in the bits that are left. */
const PREFIXES6 = { shortest: 48, longest: 96 } as const;

/**
 * @param cidr  as a caller gave it
 * @throws {Problem} `invalid-request` unless it is the name of a range of unique local addresses with
 *   a prefix of 48 to 96 bits, such as `fd7c:1e0:9a44:1::/64`
 */
export function checkRange6(cidr: string): void {
  const range = read(cidr, 'cidr6');
  if (!contains(parsePrefix(UNIQUE_LOCAL), { ...range, bits: 128 })) {
    throw refused(`${cidr} is not of private use: take a range inside ${UNIQUE_LOCAL}`, 'cidr6');
  }
  if (range.bits < PREFIXES6.shortest || range.bits > PREFIXES6.longest) {
    throw refused(`${cidr} has a prefix of ${range.bits} bits: take 64, or 48 to 96`, 'cidr6');
  }
  const name = formatPrefix({ ...range, address: range.address - hostPart(range) });
  if (name !== cidr)
    throw refused(`${cidr} is not how the range is written: write ${name}`, 'cidr6');
}

/** A /64 of unique local addresses with 56 random bits: no two installations have the same (RFC 4193). */
export function chooseRange6(): string {
  const digits = `fd${randomBytes(7).toString('hex')}${'0'.repeat(16)}`;
  return formatPrefix({ family: 6, address: BigInt(`0x${digits}`), bits: 64 });
}

/** A network's ranges: of IPv4, then of IPv6. */
export const rangesOf = ({ cidr, cidr6 }: { cidr: string; cidr6: string | null }): string[] =>
  cidr6 === null ? [cidr] : [cidr, cidr6];

type Member = 'cidr' | 'cidr6';

function read(cidr: string, member: Member = 'cidr') {
  try {
    return parsePrefix(cidr);
  } catch (cause) {
    const sentence =
      member === 'cidr'
        ? 'is not an IPv4 range such as 10.42.0.0/16'
        : 'is not an IPv6 range such as fd7c:1e0:9a44:1::/64';
    throw new Problem('invalid-request', `body/${member} ${cidr} ${sentence}.`, { cause });
  }
}

const refused = (why: string, member: Member = 'cidr') =>
  new Problem('invalid-request', `body/${member} ${why}.`);
