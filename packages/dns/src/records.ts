import { Problem } from '@cep/contracts/problems';
import { width } from '@cep/nebula/prefixes';
import { nameKey, wireName } from './names.ts';
import { TYPE } from './protocol.ts';
import { parseAddress } from './reverse.ts';

/** The types of records that a zone can be given. */
export type RecordType = 'A' | 'AAAA' | 'CNAME' | 'PTR' | 'TXT';

/** What is said about one name in one type; on the wire a record each. */
export interface RecordSet {
  /** Seconds. Records of one set have one (RFC 2181, 5.2): the least that was asked for. */
  ttl: number;
  readonly values: Buffer[];
}

/** More would be a weapon, and would not fit beside a chain of aliases into one TCP message. */
const LARGEST_SET = 16_384;
const LONGEST_TTL = 2 ** 31 - 1;
const LONGEST_STRING = 255;

/** Adds a record to a name's sets; one that is there already changes nothing. */
export function addRecord(
  sets: Map<number, RecordSet>,
  { type, ttl, value }: { type: number; ttl: number; value: Buffer },
): void {
  if (!Number.isInteger(ttl) || ttl < 0 || ttl > LONGEST_TTL)
    throw new Problem('invalid-request', `A TTL is seconds from 0 to ${LONGEST_TTL}, not ${ttl}.`);
  const set = sets.get(type) ?? { ttl, values: [] };
  if (!set.values.some((each) => each.equals(value))) set.values.push(value);
  set.ttl = Math.min(set.ttl, ttl);
  sets.set(type, set);
  const size = set.values.reduce((sum, each) => sum + each.length + 12, 0);
  if (size > LARGEST_SET)
    throw new Problem('invalid-request', `One name has more than ${LARGEST_SET} bytes of records.`);
  if (sets.has(TYPE.CNAME) && (sets.size > 1 || set.values.length > 1))
    throw new Problem('invalid-request', 'A name with a CNAME can have nothing else.');
}

/** The bytes of a record's value. @throws {Problem} `invalid-request` */
export function encodeValue(type: RecordType, value: string): Buffer {
  switch (type) {
    case 'A':
      return addressBytes(value, 4);
    case 'AAAA':
      return addressBytes(value, 6);
    case 'CNAME':
    case 'PTR':
      return wireName(nameKey(value));
    case 'TXT':
      return encodeText(value);
    default:
      // Records come from other people's files: what the compiler excludes can be here.
      throw new Problem('invalid-request', `Records of type "${String(type)}" are not known.`);
  }
}

function addressBytes(text: string, family: 4 | 6): Buffer {
  const prefix = parseAddress(text);
  if (prefix.family === family)
    return Buffer.from(prefix.address.toString(16).padStart(width(family) / 4, '0'), 'hex');
  const type = family === 4 ? 'A' : 'AAAA';
  throw new Problem('invalid-request', `"${text}" is no address for a record of type ${type}.`);
}

/** A text of any length, as strings of at most 255 bytes each; readers join them. */
function encodeText(text: string): Buffer {
  const bytes = Buffer.from(text);
  const strings = Array.from(
    { length: Math.ceil(bytes.length / LONGEST_STRING) || 1 },
    (_, index) => bytes.subarray(index * LONGEST_STRING, (index + 1) * LONGEST_STRING),
  );
  return Buffer.concat(strings.flatMap((each) => [Buffer.of(each.length), each]));
}
