/** The little of protobuf that version 1 certificates need: varints and length-delimited fields. */
import { Problem } from '@cep/contracts/problems';

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const LONGEST_VARINT = 10;

export interface Field {
  readonly number: number;
  readonly value: number | Uint8Array;
}

const EMPTY = Buffer.alloc(0);

/** A varint field; nothing at all for 0, as proto3 wants. `value` is a safe, non-negative integer. */
export const varintField = (number: number, value: number): Uint8Array =>
  value === 0 ? EMPTY : Buffer.from([...varint(number * 8 + VARINT), ...varint(value)]);

/** A length-delimited field, also when it is empty: members of a repeated field are. */
export const repeatedField = (number: number, value: Uint8Array): Uint8Array =>
  Buffer.concat([
    Buffer.from([...varint(number * 8 + LENGTH_DELIMITED), ...varint(value.length)]),
    value,
  ]);

/** A length-delimited field; nothing at all when it is empty, as proto3 wants. */
export const bytesField = (number: number, value: Uint8Array): Uint8Array =>
  value.length === 0 ? EMPTY : repeatedField(number, value);

/** Numbers packed into the value of one field. */
export const pack = (values: readonly number[]): Uint8Array => Buffer.from(values.flatMap(varint));

/** @throws {Problem} `invalid-request` */
export function unpack(bytes: Uint8Array): number[] {
  const values: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const { value, end } = readVarint(bytes, at);
    values.push(value);
    at = end;
  }
  return values;
}

/**
 * Splits a message into its fields, in their order. It says nothing about canonical form: whoever
 * needs that encodes again and compares.
 *
 * @throws {Problem} `invalid-request`
 */
export function readFields(bytes: Uint8Array): Field[] {
  const fields: Field[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = readVarint(bytes, at);
    const { value, end } = readValue(bytes, tag.end, tag.value % 8);
    fields.push({ number: Math.floor(tag.value / 8), value });
    at = end;
  }
  return fields;
}

function readValue(bytes: Uint8Array, at: number, type: number) {
  if (type === VARINT) return readVarint(bytes, at);
  if (type !== LENGTH_DELIMITED) throw malformed('a wire type that certificates do not use');
  const { value: length, end: start } = readVarint(bytes, at);
  const end = start + length;
  if (end > bytes.length) throw malformed('a field longer than the certificate');
  return { value: bytes.subarray(start, end), end };
}

function readVarint(bytes: Uint8Array, start: number): { value: number; end: number } {
  let value = 0;
  for (let index = 0; index < LONGEST_VARINT; index += 1) {
    const byte = bytes[start + index];
    if (byte === undefined) throw malformed('a number that is cut off');
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (value > Number.MAX_SAFE_INTEGER) break;
    if (byte < 0x80) return { value, end: start + index + 1 };
  }
  throw malformed('a number that is too large');
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) + 128);
  }
}

const malformed = (what: string) =>
  new Problem('invalid-request', `The certificate is malformed: it holds ${what}.`);
