import { answerTo } from './answers.ts';
import { CLASS_IN, EDNS_UDP, HEADER, PLAIN_UDP, RCODE, type Rcode, TYPE } from './protocol.ts';
import { type Query, readQuery } from './query.ts';
import { type Answer, findNode, type Zones } from './tree.ts';

const AUTHORITATIVE = 0x04;
const TRUNCATED = 0x02;
/** Of a query's flags an answer repeats the wish for recursion, and that signatures need no check. */
const REPEATED = 0x01;
const REPEATED_TOO = 0x10;
const RESPONSE = 0x80;
const OPCODE = 0x78;

/** Root, type, class (the size we take), three bytes of flags, one more, no options. */
const OPT_LENGTH = 11;
const DNSSEC_OK = 0x80;

/** The first of the types that ask for something else than records (RFC 6895, 3.1). */
const META_TYPES = 128;

export type Transport = 'udp' | 'tcp';

/** What is sent back for a message; nothing where silence is right. */
export type Reply = (
  message: Buffer,
  transport: Transport,
) => Buffer | undefined | Promise<Buffer | undefined>;

/**
 * Answers one message with at most 1232 bytes by UDP, and 64 KiB by TCP.
 *
 * @returns nothing where silence is right, see {@link readQuery}
 */
export function respond(zones: Zones, message: Buffer, transport: Transport): Buffer | undefined {
  const query = readQuery(message);
  if (!query) return;
  const reply = query.rcode === RCODE.NOERROR ? decide(zones, query) : query.rcode;
  if (typeof reply === 'number') return write(message, query, { ...EMPTY, rcode: reply }, 0);
  const size = query.questionEnd + reply.records.length + (query.edns ? OPT_LENGTH : 0);
  const fits = transport === 'tcp' || size <= (query.edns?.udpSize ?? PLAIN_UDP);
  const flags = fits ? AUTHORITATIVE : AUTHORITATIVE | TRUNCATED;
  return write(message, query, fits ? reply : { ...EMPTY, rcode: reply.rcode }, flags);
}

/** Whether a message asks well, and for what is in none of the zones. */
export function isForeign(zones: Zones, message: Buffer): boolean {
  const query = readQuery(message);
  if (!query || query.rcode !== RCODE.NOERROR || query.class !== CLASS_IN) return false;
  return findNode(zones, query.key) === undefined;
}

const EMPTY: Answer = { rcode: RCODE.NOERROR, answers: 0, authority: 0, records: Buffer.alloc(0) };

/** What is answered, or why nothing is. */
function decide(zones: Zones, query: Query): Answer | Rcode {
  const { type } = query;
  if (type === 0 || type === TYPE.OPT) return RCODE.FORMERR;
  if (query.class !== CLASS_IN || type === TYPE.AXFR || type === TYPE.IXFR) return RCODE.REFUSED;
  if (type >= META_TYPES && type < TYPE.ANY) return RCODE.NOTIMP;
  return answerTo(zones, query.key, type) ?? RCODE.REFUSED;
}

function write(message: Buffer, query: Query, answer: Answer, flags: number): Buffer {
  const { questionEnd, edns } = query;
  const end = questionEnd + answer.records.length;
  const bytes = Buffer.allocUnsafe(end + (edns ? OPT_LENGTH : 0));
  // The question as it came: some clients tell a forger by the case of its letters.
  message.copy(bytes, 0, 0, questionEnd);
  answer.records.copy(bytes, questionEnd);
  const asked = message[2] ?? 0;
  bytes[2] = RESPONSE | (asked & (OPCODE | REPEATED)) | flags;
  bytes[3] = ((message[3] ?? 0) & REPEATED_TOO) | (answer.rcode & 0x0f);
  bytes.writeUInt16BE(questionEnd > HEADER ? 1 : 0, 4);
  bytes.writeUInt16BE(answer.answers, 6);
  bytes.writeUInt16BE(answer.authority, 8);
  bytes.writeUInt16BE(edns ? 1 : 0, 10);
  if (edns) writeEdns(bytes, end, answer.rcode, edns.dnssecOk);
  return bytes;
}

function writeEdns(bytes: Buffer, at: number, rcode: number, dnssecOk: boolean): void {
  bytes.fill(0, at, at + OPT_LENGTH);
  bytes.writeUInt16BE(TYPE.OPT, at + 1);
  bytes.writeUInt16BE(EDNS_UDP, at + 3);
  bytes[at + 5] = rcode >> 4;
  bytes[at + 7] = dnssecOk ? DNSSEC_OK : 0;
}
