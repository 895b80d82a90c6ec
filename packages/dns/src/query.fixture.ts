import { wireName } from './names.ts';

interface Question {
  readonly name?: string;
  readonly type?: number;
  readonly class?: number;
  readonly flags?: number;
  /** What follows the question, in hexadecimal, and how many records that claims to be. */
  readonly rest?: string;
  readonly counts?: readonly [questions: number, answers: number, authority: number, more: number];
}

/** EDNS: root, OPT, 4096 bytes, nothing else. */
export const EDNS = '0000291000000000000000';

/** A question as clients write it, or not quite, in so many words. */
export function query({
  name = 'web.home',
  type = 1,
  class: of = 1,
  flags = 0x0100,
  rest = '',
  counts = [1, 0, 0, rest ? 1 : 0],
}: Question = {}): Buffer {
  const numbers = (...values: number[]) =>
    Buffer.from(values.flatMap((each) => [each >> 8, each & 0xff]));
  const labels = name.split('.').filter(Boolean);
  const key = labels.map((label) => String.fromCharCode(label.length) + label).join('');
  return Buffer.concat([
    numbers(0xbeef, flags, ...counts),
    wireName(`${key}\0`),
    numbers(type, of),
    Buffer.from(rest.replaceAll(' ', ''), 'hex'),
  ]);
}
