import { describe, expect, test } from '@jest/globals';
import { comparePrefixes, contains, formatPrefix, overlaps, parsePrefix } from './prefixes.ts';

test.each([
  ['10.42.0.7/16', '10.42.0.7/16'],
  ['0.0.0.0/0', '0.0.0.0/0'],
  ['FD00:42:0::7/64', 'fd00:42::7/64'],
  ['::/0', '::/0'],
  ['::1/128', '::1/128'],
  ['2001:db8:0:0:1:0:0:1/64', '2001:db8::1:0:0:1/64'],
  ['1:2:3:4:5:6:7:8/128', '1:2:3:4:5:6:7:8/128'],
  ['64:ff9b::192.0.2.1/96', '64:ff9b::c000:201/96'],
])('reads %s', (text, canonical) => {
  expect(formatPrefix(parsePrefix(text))).toBe(canonical);
});

test.each([
  '10.42.0.7',
  '10.42.0.7/33',
  '10.42.0.7/',
  '10.42.0.7/+1',
  '10.42.0.7/1e1',
  '10.42.0.7/016',
  '10.42.0.7/16/16',
  '10.42.0.07/16',
  '10.42.7/16',
  'fe80::1%eth0/64',
  '::ffff:10.0.0.1/96',
  'fd00::/129',
  '[::1]/128',
  '/8',
  '',
  ' 10.0.0.0/8',
])('refuses %j', (text) => {
  expect(() => parsePrefix(text)).toThrow(expect.objectContaining({ code: 'invalid-request' }));
});

describe('ranges', () => {
  const is = (test: typeof contains, one: string, other: string) =>
    test(parsePrefix(one), parsePrefix(other));

  test('contain what is as narrow and inside', () => {
    expect(is(contains, '10.42.0.0/16', '10.42.0.7/16')).toBe(true);
    expect(is(contains, '0.0.0.0/0', '10.42.0.7/16')).toBe(true);
    expect(is(contains, '10.42.0.0/16', '10.42.0.7/8')).toBe(false);
    expect(is(contains, '10.42.0.0/16', '10.43.0.7/16')).toBe(false);
    expect(is(contains, '::/0', '10.42.0.7/16')).toBe(false);
    expect(is(contains, 'fd00:42::/64', 'fd00:42::7/128')).toBe(true);
  });

  test('overlap whichever is the wider', () => {
    expect(is(overlaps, '10.42.0.0/16', '10.0.0.0/8')).toBe(true);
    expect(is(overlaps, '10.0.0.0/8', '10.42.0.0/16')).toBe(true);
    expect(is(overlaps, '10.0.0.0/9', '10.128.0.0/9')).toBe(false);
  });

  test('are ordered by family, address and length', () => {
    const ordered = ['9.0.0.0/8', '10.0.0.0/8', '10.0.0.0/16', '::/0', 'fd00::/8'];

    const sorted = ordered.toReversed().map(parsePrefix).toSorted(comparePrefixes);

    expect(sorted.map(formatPrefix)).toEqual(ordered);
  });
});
