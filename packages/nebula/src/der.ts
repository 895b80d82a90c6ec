/** The little of ASN.1 DER that version 2 certificates and ECDSA signatures need. */
import { Problem } from '@cep/contracts/problems';

export interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
  /** Tag, length and content. */
  readonly raw: Uint8Array;
}

/** An element with a one-byte tag; its content is the parts in their order. */
export function element(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Buffer.from([tag, ...lengthBytes(length)]), ...parts]);
}

/** The content of an INTEGER, for one that is not negative: minimal, `00` before a set top bit. */
export function integerContent(value: bigint): Uint8Array {
  const digits = value.toString(16);
  const bytes = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
  return (bytes[0] ?? 0) < 0x80 ? bytes : Buffer.concat([Buffer.of(0), bytes]);
}

/** @throws {Problem} `invalid-request` for a negative number and for any but the minimal form */
export function readInteger(content: Uint8Array): bigint {
  const value = BigInt(`0x${Buffer.from(content).toString('hex') || '0'}`);
  if (Buffer.compare(integerContent(value), content) !== 0) throw malformed('a number out of form');
  return value;
}

/**
 * Splits bytes into elements, leaving none over. Lengths must be definite and minimal, tags one
 * byte long.
 *
 * @throws {Problem} `invalid-request`
 */
export function readElements(bytes: Uint8Array): Element[] {
  const elements: Element[] = [];
  for (let at = 0; at < bytes.length; ) {
    const next = readElement(bytes, at);
    elements.push(next);
    at += next.raw.length;
  }
  return elements;
}

function readElement(bytes: Uint8Array, at: number): Element {
  const tag = bytes[at] ?? 0;
  const first = bytes[at + 1] ?? 0;
  const extra = first < 0x80 ? 0 : first - 0x80;
  if ((tag & 0x1f) === 0x1f || extra > 3) throw malformed('a tag or length of unknown form');

  const start = at + 2 + extra;
  const length =
    extra === 0 ? first : bytes.subarray(at + 2, start).reduce((sum, byte) => sum * 256 + byte, 0);
  const end = start + length;
  if (end > bytes.length) throw malformed('an element that is cut off');
  if (lengthBytes(length).length !== extra + 1) throw malformed('a length that is not minimal');
  return { tag, content: bytes.subarray(start, end), raw: bytes.subarray(at, end) };
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 + bytes.length, ...bytes];
}

const malformed = (what: string) =>
  new Problem('invalid-request', `The certificate or signature is malformed: it holds ${what}.`);
