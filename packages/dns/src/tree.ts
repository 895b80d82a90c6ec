import { Problem } from '@cep/contracts/problems';
import { depth, nameKey, parentKey, wildcardBelow, wireName } from './names.ts';
import { TYPE } from './protocol.ts';
import { addRecord, type RecordSet } from './records.ts';

/** Zones that were found to be good, as the tree of their names. */
export interface Zones {
  /** By key. What lies between a name and its zone is there, too (RFC 8020). */
  readonly nodes: Map<string, Node>;
  /** Labels of the deepest name. */
  depth: number;
}

/** A name that exists. It has no sets where only names below it have. */
export interface Node {
  readonly apex: Apex;
  readonly sets: Map<number, RecordSet>;
  /** Answers by type, once they were asked for. */
  readonly answers: Map<number, Answer>;
}

/** The name that a zone is about. */
export interface Apex {
  readonly key: string;
  readonly soa: RecordSet;
  /** What is answered for names that are not there, once it was asked for. */
  absent?: Answer;
}

/** What follows the question. Owners in it are the question's name, or written in full. */
export interface Answer {
  readonly rcode: number;
  /** Records that answer, and that say whose zone it is. */
  readonly answers: number;
  readonly authority: number;
  readonly records: Buffer;
}

const TTL = 60;
/** How long resolvers remember, in seconds, that a name is not there: hosts and apps come any moment. */
const NEGATIVE_TTL = 5;
/** Refresh, retry and expiry, for servers that keep copies; in seconds. */
const COPYING = [3_600, 600, 604_800] as const;

interface Authority {
  readonly nameServers?: readonly string[];
  readonly serial?: number;
}

/** @throws {Problem} `invalid-request` where another zone has the name, or a name server has none */
export function addApex(
  zones: Zones,
  key: string,
  { nameServers = [], serial = 1 }: Authority,
): Apex {
  if (zones.nodes.has(key))
    throw new Problem('invalid-request', 'It is also part of another zone.');
  const servers = nameServers.map((name) => wireName(nameKey(name)));
  const numbers = Buffer.alloc(20);
  for (const [index, number] of [serial, ...COPYING, NEGATIVE_TTL].entries())
    numbers.writeUInt32BE(number >>> 0, index * 4);
  // Without a server of that name the zone names itself: nobody else is asked about it.
  const names = [servers[0] ?? wireName(key), wireName(`\x0ahostmaster${key}`)];
  const soa = { ttl: NEGATIVE_TTL, values: [Buffer.concat([...names, numbers])] };
  const apex = { key, soa };
  const sets = new Map<number, RecordSet>([[TYPE.SOA, soa]]);
  for (const value of servers) addRecord(sets, { type: TYPE.NS, ttl: TTL, value });
  addNode(zones, key, { apex, sets, answers: new Map() });
  return apex;
}

/**
 * The node of a name, made where there is none, with all between it and its zone.
 *
 * @param within  the zone that the name must be in, where another one could have it
 * @throws {Problem} `invalid-request`
 */
export function nodeAt(zones: Zones, key: string, within?: string): Node {
  const found = zones.nodes.get(key);
  const { apex } = found ?? nodeAt(zones, parentKey(key), within);
  if (within !== undefined && apex.key !== within)
    throw new Problem('invalid-request', 'The name belongs to another zone.');
  return found ?? addNode(zones, key, { apex, sets: new Map(), answers: new Map() });
}

function addNode(zones: Zones, key: string, node: Node): Node {
  zones.nodes.set(key, node);
  zones.depth = Math.max(zones.depth, depth(key));
  return node;
}

/**
 * The node whose records answer for a name: its own, else the wildcard's right below the closest name
 * that exists (RFC 4592); its zone where there is neither; nothing outside of our zones.
 */
export function findNode(zones: Zones, key: string): Node | Apex | undefined {
  const exact = zones.nodes.get(key);
  if (exact) return exact;
  let above = key;
  // A hostile name has 127 labels, and none of ours is that deep.
  for (let labels = depth(key); labels > 0; labels -= 1) {
    above = parentKey(above);
    const closest = labels - 1 <= zones.depth ? zones.nodes.get(above) : undefined;
    if (closest) return zones.nodes.get(wildcardBelow(above)) ?? closest.apex;
  }
  return;
}
