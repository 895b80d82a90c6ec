import { Problem } from '@cep/contracts/problems';
import { contains, type Prefix, parsePrefix } from '@cep/nebula/prefixes';
import { checkAliases } from './answers.ts';
import { nameKey } from './names.ts';
import { TYPE } from './protocol.ts';
import { addRecord, encodeValue, type RecordType } from './records.ts';
import { parseAddress, reverseKey, reverseZones } from './reverse.ts';
import { type Apex, addApex, nodeAt, type Zones } from './tree.ts';

/** What is known about one network, or one public domain. */
export interface Zone {
  /** The name that the zone is about, e.g. `home`. */
  readonly domain: string;
  /** Earlier ones go first where only one can be: the first name of an address is its name in reverse. */
  readonly records: readonly ZoneRecord[];
  /** Ranges whose addresses have names in reverse, e.g. `10.42.0.0/16`. */
  readonly ranges?: readonly string[];
  /** Absolute names of the servers that a parent zone delegates to; of a private zone there are none. */
  readonly nameServers?: readonly string[];
  /** Grows with each change where somebody keeps copies of the zone. */
  readonly serial?: number;
}

export interface ZoneRecord {
  /** Below the domain: `web`, `*.wiki`, `@` for the domain itself. Of a PTR: an address in the ranges. */
  readonly name: string;
  readonly type: RecordType;
  /** An address, an absolute name, or a text. */
  readonly value: string;
  /** Seconds; 60 where it is absent. */
  readonly ttl?: number;
}

const DEFAULT_TTL = 60;

/**
 * Makes of plain data what answers are looked up in, and refuses what could not be answered well:
 * names and values that are none, a domain or a range that is there twice, an alias beside other
 * records or in a circle.
 *
 * @throws {Problem} `invalid-request`, naming the zone or the record
 */
export function buildZones(zones: readonly Zone[]): Zones {
  const built: Zones = { nodes: new Map(), depth: 0 };
  const places = zones.map((zone) => placeZone(built, zone));
  for (const place of places) {
    const named = new Set<string>();
    for (const record of place.zone.records)
      explain(`The record "${record.name}" of the zone "${place.zone.domain}"`, () =>
        record.type === 'PTR'
          ? addReverse(built, place, record, named)
          : addForward(built, place, record),
      );
    for (const record of place.zone.records) nameAddress(built, place, record, named);
  }
  checkAliases(built);
  return built;
}

/** A zone, and where its records go. */
interface Place {
  readonly zone: Zone;
  readonly apex: Apex;
  readonly ranges: readonly Prefix[];
}

function placeZone(zones: Zones, zone: Zone): Place {
  return explain(`The zone "${zone.domain}"`, () => {
    const apex = addApex(zones, nameKey(zone.domain), zone);
    const ranges = (zone.ranges ?? []).map(parsePrefix);
    for (const key of ranges.flatMap(reverseZones)) addApex(zones, key, zone);
    return { zone, apex, ranges };
  });
}

function addForward(zones: Zones, { apex, zone }: Place, record: ZoneRecord): void {
  const { type, value, ttl = DEFAULT_TTL } = record;
  const key = nameKey(ownerOf(record, zone), { wildcard: true });
  const node = nodeAt(zones, key, apex.key);
  addRecord(node.sets, { type: TYPE[type], ttl, value: encodeValue(type, value) });
}

/** Names an address in so many words, which then gets no name by itself. */
function addReverse(
  zones: Zones,
  { ranges }: Place,
  { name, value, ttl = DEFAULT_TTL }: ZoneRecord,
  named: Set<string>,
): void {
  const address = parseAddress(name);
  if (!ranges.some((range) => contains(range, address)))
    throw new Problem('invalid-request', 'The address is in no range of the zone.');
  const key = reverseKey(address);
  named.add(key);
  addRecord(nodeAt(zones, key).sets, { type: TYPE.PTR, ttl, value: encodeValue('PTR', value) });
}

/** Gives an address the first name that points at it. */
function nameAddress(
  zones: Zones,
  place: Place,
  { name, type, value, ttl = DEFAULT_TTL }: ZoneRecord,
  named: Set<string>,
): void {
  if ((type !== 'A' && type !== 'AAAA') || name.startsWith('*')) return;
  const address = parseAddress(value);
  const isForeign = !place.ranges.some((range) => contains(range, address));
  if (isForeign || named.has(reverseKey(address))) return;
  const owner = ownerOf({ name }, place.zone);
  addReverse(zones, place, { name: value, type: 'PTR', value: owner, ttl }, named);
}

const ownerOf = ({ name }: Pick<ZoneRecord, 'name'>, { domain }: Zone): string =>
  name === '@' ? domain : `${name}.${domain}`;

/** Says what a failure is about. */
function explain<T>(subject: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw new Problem(error.code, `${subject}: ${error.message}`, { cause: error });
  }
}
