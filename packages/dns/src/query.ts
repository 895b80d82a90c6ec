import { EDNS_UDP, HEADER, LONGEST_NAME, PLAIN_UDP, RCODE, type Rcode, TYPE } from './protocol.ts';

/** What a client asks, as far as it can be understood. */
export interface Query {
  /** NOERROR, or why there is no more to be said than that. */
  readonly rcode: Rcode;
  /** Where the question ends; where the header does if there is none that can be repeated. */
  readonly questionEnd: number;
  /** Of the name asked for; see `names.ts`. */
  readonly key: string;
  readonly type: number;
  readonly class: number;
  readonly edns: Edns | undefined;
}

/** RFC 6891. */
interface Edns {
  /** Bytes that the client takes by UDP, between what each must take and what we send. */
  readonly udpSize: number;
  /** Whether it understands DNSSEC, which an answer repeats (RFC 3225). */
  readonly dnssecOk: boolean;
}

const OPCODE = 0x78;
const RESPONSE = 0x80;
const DNSSEC_OK = 0x80;
const POINTER = 0xc0;
const LONGEST_LABEL = 63;

const nothing = { questionEnd: HEADER, key: '', type: 0, class: 0, edns: undefined } as const;

/**
 * Reads a message. Time and memory are bounded by its length, whatever is in it.
 *
 * @returns nothing for what must not be answered: responses, which could go to and fro for ever, and
 * what has no header
 */
export function readQuery(message: Buffer): Query | undefined {
  if (message.length < HEADER) return;
  const flags = message[2] ?? 0;
  if (flags & RESPONSE) return;
  if (flags & OPCODE) return { ...nothing, rcode: RCODE.NOTIMP };
  const nameEnd = readName(message);
  // One question (RFC 9619), in a name without pointers: there is nothing yet to point at.
  if (message.readUInt16BE(4) !== 1 || nameEnd === 0 || nameEnd + 4 > message.length)
    return { ...nothing, rcode: RCODE.FORMERR };
  const questionEnd = nameEnd + 4;
  const { rcode, edns } = readRecords(message, questionEnd);
  const key = message.toString('latin1', HEADER, nameEnd).toLowerCase();
  const type = message.readUInt16BE(nameEnd);
  return { rcode, questionEnd, key, type, class: message.readUInt16BE(nameEnd + 2), edns };
}

/** Where the uncompressed name of the question ends; 0 where it is not one. */
function readName(message: Buffer): number {
  let at = HEADER;
  for (;;) {
    const length = message[at];
    if (length === undefined || length > LONGEST_LABEL) return 0;
    at += length + 1;
    if (at - HEADER > LONGEST_NAME) return 0;
    if (length === 0) return at;
  }
}

type Rest = Pick<Query, 'rcode' | 'edns'>;

const malformed: Rest = { rcode: RCODE.FORMERR, edns: undefined };
const plain: Rest = { rcode: RCODE.NOERROR, edns: undefined };

/** Reads what follows the question: EDNS, of which there is at most one; the rest must be whole. */
function readRecords(message: Buffer, start: number): Rest {
  const [others, additional] = [
    message.readUInt16BE(6) + message.readUInt16BE(8),
    message.readUInt16BE(10),
  ];
  let at = start;
  let rest = plain;
  for (let index = 0; index < others + additional; index += 1) {
    const isRoot = message[at] === 0;
    const owner = skipName(message, at);
    if (owner === 0 || owner + 10 > message.length) return malformed;
    at = owner + 10 + message.readUInt16BE(owner + 8);
    if (at > message.length) return malformed;
    if (message.readUInt16BE(owner) !== TYPE.OPT) continue;
    const isMisplaced = index < others || rest !== plain || !isRoot;
    if (isMisplaced || !areOptions(message.subarray(owner + 10, at))) return malformed;
    rest = readEdns(message, owner);
  }
  return at === message.length ? rest : malformed;
}

/** Where the name of a record ends, by a pointer that is not followed or by its root; 0 where it does not. */
function skipName(message: Buffer, start: number): number {
  let at = start;
  for (;;) {
    const length = message[at];
    if (length === undefined) return 0;
    if (length >= POINTER) return at + 2;
    if (length > LONGEST_LABEL) return 0;
    at += length + 1;
    if (length === 0) return at;
  }
}

function readEdns(message: Buffer, at: number): Rest {
  const udpSize = Math.min(Math.max(message.readUInt16BE(at + 2), PLAIN_UDP), EDNS_UDP);
  const dnssecOk = ((message[at + 6] ?? 0) & DNSSEC_OK) !== 0;
  const rcode = message[at + 5] === 0 ? RCODE.NOERROR : RCODE.BADVERS;
  return { rcode, edns: { udpSize, dnssecOk } };
}

/** Whether these bytes are a list of options: a code, a length, and as many bytes. */
function areOptions(bytes: Buffer): boolean {
  let at = 0;
  while (at + 4 <= bytes.length) at += 4 + bytes.readUInt16BE(at + 2);
  return at === bytes.length;
}
