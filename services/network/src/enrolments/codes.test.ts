import { describe, expect, test } from '@jest/globals';
import { hashCode, hashKeys, judge, newCode } from './codes.ts';

const keys = { tunnelKey: 'A'.repeat(43), signingKey: 'B'.repeat(43) };
const code = newCode();
const unused = { codeHash: hashCode(code), live: true, usedFor: null };
const used = { ...unused, usedFor: hashKeys(keys) };

describe('a code', () => {
  test('has 140 random bits, and is never the same', () => {
    const codes = Array.from({ length: 1000 }, newCode);

    expect(new Set(codes).size).toBe(1000);
    for (const each of codes)
      expect(each).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}$/);
  });

  test('is the same however it is typed', () => {
    expect(hashCode(' 01ab-cdef ')).toEqual(hashCode('OiAB CDEF'));
    expect(hashCode('01AB')).not.toEqual(hashCode('01AC'));
  });
});

describe('judge', () => {
  test.each([
    ['first', 'a code that was not used', unused, keys],
    ['repeat', 'the machine that used it', used, keys],
    ['refused', 'another tunnel key', used, { ...keys, tunnelKey: 'C'.repeat(43) }],
    ['refused', 'another signing key', used, { ...keys, signingKey: 'C'.repeat(43) }],
    ['refused', 'an expired code', { ...unused, live: false }, keys],
    ['refused', 'a code that was used and has expired', { ...used, live: false }, keys],
    ['refused', 'no signing key', used, { tunnelKey: keys.tunnelKey }],
    ['refused', 'a host that has no code', undefined, keys],
  ])('says %s for %s', (verdict, _, stored, shown) => {
    expect(judge(stored, code, shown)).toBe(verdict);
  });

  test('refuses a wrong code', () => {
    expect(judge(unused, newCode(), keys)).toBe('refused');
    expect(judge(unused, '', keys)).toBe('refused');
  });
});
