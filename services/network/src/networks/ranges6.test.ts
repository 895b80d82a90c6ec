import { hostPart, parsePrefix } from '@cep/nebula/prefixes';
import { describe, expect, test } from '@jest/globals';
import { checkRange6, chooseRange6 } from './ranges.ts';

describe('checkRange6', () => {
  test.each(['fd00:42::/64', 'fd7c:1e0:9a44::/48', 'fdff::/96'])('takes %s', (cidr) => {
    expect(() => checkRange6(cidr)).not.toThrow();
  });

  test.each([
    ['2001:db8::/64', 'not of private use'],
    ['fc00::/64', 'not of private use'],
    ['fd00::/8', 'take 64, or 48 to 96'],
    ['fd00:42::/112', 'take 64, or 48 to 96'],
    ['fd00:42::1/64', 'write fd00:42::/64'],
    ['fd00:042::/64', 'write fd00:42::/64'],
    ['fd00:42::/129', 'not an IPv6 range'],
    ['::ffff:10.42.0.0/64', 'not an IPv6 range'],
    ['10.42.0.0/16', 'not of private use'],
  ])('refuses %s and says what to do', (cidr, why) => {
    expect(() => checkRange6(cidr)).toThrow(
      expect.objectContaining({ code: 'invalid-request', message: expect.stringContaining(why) }),
    );
    expect(() => checkRange6(cidr)).toThrow(`body/cidr6 ${cidr}`);
  });
});

test('chooseRange6 gives ranges that pass, each another', () => {
  const chosen = Array.from({ length: 1_000 }, chooseRange6);

  for (const each of chosen) checkRange6(each);
  expect(chosen.map(parsePrefix).every((each) => each.bits === 64 && hostPart(each) === 0n)).toBe(
    true,
  );
  expect(new Set(chosen).size).toBe(1_000);
});
