/** Which ranges a network may have, and which it is given when none is asked for. Pure. */
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

function read(cidr: string) {
  try {
    return parsePrefix(cidr);
  } catch (cause) {
    const sentence = 'is not an IPv4 range such as 10.42.0.0/16';
    throw new Problem('invalid-request', `body/cidr ${cidr} ${sentence}.`, { cause });
  }
}

const refused = (why: string) => new Problem('invalid-request', `body/cidr ${why}.`);
