import { Problem } from '@cep/contracts/problems';
import { wireName } from './names.ts';
import { CLASS_IN, HEADER, RCODE, TYPE } from './protocol.ts';
import type { RecordSet } from './records.ts';
import { type Answer, type Apex, findNode, type Node, type Zones } from './tree.ts';

/** The only compression that is needed (RFC 1035, 4.1.4): the question's name, which is in one place. */
const THE_QUESTION: Buffer = Buffer.of(0xc0, HEADER);

/** Aliases that are followed; more would be a puzzle, not a zone. */
const LONGEST_CHAIN = 8;

/** Instead of all that is known (RFC 8482, 4.2). */
const INSTEAD_OF_ANY: RecordSet = { ttl: 3_600, values: [Buffer.from('\x07RFC8482\0', 'latin1')] };

/** Types that no record has share one answer, or strangers could fill the memory with them. */
const NONE = 0;
const KNOWN: ReadonlySet<number> = new Set(Object.values(TYPE));

/**
 * The answer to a question; nothing where it is none of our zones'. It is put together once.
 *
 * @param key  of the name in the question
 */
export function answerTo(zones: Zones, key: string, type: number): Answer | undefined {
  const found = findNode(zones, key);
  if (!found) return;
  if (!('sets' in found)) return (found.absent ??= finish(denial(found, RCODE.NXDOMAIN)));
  const kind = KNOWN.has(type) ? type : NONE;
  const known = found.answers.get(kind);
  if (known) return known;
  const answer = finish(collect(zones, found, kind));
  found.answers.set(kind, answer);
  return answer;
}

/** @throws {Problem} `invalid-request` where aliases go in a circle, or on for too long */
export function checkAliases(zones: Zones): void {
  for (const node of zones.nodes.values())
    if (node.sets.has(TYPE.CNAME)) collect(zones, node, TYPE.A);
}

/** What is in an answer. */
interface Parts {
  readonly rcode: number;
  readonly answers: readonly Buffer[];
  readonly authority: readonly Buffer[];
}

function collect(zones: Zones, start: Node, type: number): Parts {
  const answers: Buffer[] = [];
  let [node, owner] = [start, THE_QUESTION];
  while (answers.length <= LONGEST_CHAIN) {
    const set = setFor(node, type);
    if (set) {
      answers.push(...set.values.map((value) => encode(owner, { ...set, value })));
      return { rcode: RCODE.NOERROR, answers, authority: [] };
    }
    const [alias] = node.sets.get(TYPE.CNAME)?.values ?? [];
    if (!alias) return denial(node.apex, RCODE.NOERROR, answers);
    const { ttl = 0 } = node.sets.get(TYPE.CNAME) ?? {};
    answers.push(encode(owner, { type: TYPE.CNAME, ttl, value: alias }));
    const target = findNode(zones, alias.toString('latin1'));
    if (!target) return { rcode: RCODE.NOERROR, answers, authority: [] };
    if (!('sets' in target)) return denial(target, RCODE.NXDOMAIN, answers);
    [node, owner] = [target, alias];
  }
  throw new Problem('invalid-request', 'Some aliases (CNAME) lead in a circle, or too far.');
}

/** The records of a name in the type asked for, or what stands for all of them. */
function setFor({ sets }: Node, type: number): (RecordSet & { type: number }) | undefined {
  if (type === TYPE.ANY) {
    const alias = sets.get(TYPE.CNAME);
    return alias ? { ...alias, type: TYPE.CNAME } : { ...INSTEAD_OF_ANY, type: TYPE.HINFO };
  }
  const set = sets.get(type);
  return set && { ...set, type };
}

/** Says for how long resolvers may remember that there is nothing (RFC 2308). */
function denial({ key, soa }: Apex, rcode: number, answers: readonly Buffer[] = []): Parts {
  const [value = Buffer.alloc(0)] = soa.values;
  const record = encode(wireName(key), { type: TYPE.SOA, ttl: soa.ttl, value });
  return { rcode, answers, authority: [record] };
}

function encode(
  owner: Buffer,
  { type, ttl, value }: { type: number; ttl: number; value: Buffer },
): Buffer {
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(CLASS_IN, 2);
  fixed.writeUInt32BE(ttl, 4);
  fixed.writeUInt16BE(value.length, 8);
  return Buffer.concat([owner, fixed, value]);
}

const finish = ({ rcode, answers, authority }: Parts): Answer => ({
  rcode,
  answers: answers.length,
  authority: authority.length,
  records: Buffer.concat([...answers, ...authority]),
});
