import { contains, parsePrefix } from '@cep/nebula/prefixes';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { address6Of, addressAt, inRange, networksOf, nextOrdinal, ordinalOf } from './addresses.ts';

describe('nextOrdinal', () => {
  test.each([
    { taken: [], next: 1, because: 'the base is the name of the network' },
    { taken: [1, 2], next: 3, because: 'it follows the last' },
    { taken: [1, 3], next: 2, because: 'it fills a gap first' },
    { taken: [2, 3], next: 1, because: 'the gap may be at the start' },
  ])('is $next after $taken: $because', ({ taken, next }) => {
    expect(nextOrdinal(taken, '10.42.0.0/16')).toBe(next);
  });

  test('refuses when only the broadcast address is left', () => {
    const taken = Array.from({ length: 14 }, (_, index) => index + 1);

    expect(nextOrdinal(taken.slice(0, 13), '10.42.0.0/28')).toBe(14);
    expect(() => nextOrdinal(taken, '10.42.0.0/28')).toThrow(
      expect.objectContaining({ code: 'network-full' }),
    );
  });

  test('whatever comes and goes, addresses are distinct, usable, and the lowest that are free', () => {
    const cidr = '10.42.0.16/28';
    const steps = fc.array(fc.option(fc.nat(13)), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (leaving) => {
        let taken: number[] = [];
        for (const leaves of leaving) {
          if (leaves !== null) taken = taken.filter((_, index) => index !== leaves);
          else if (taken.length < 14) {
            const next = nextOrdinal(taken, cidr);
            expect(taken).not.toContain(next);
            for (let lower = 1; lower < next; lower += 1) expect(taken).toContain(lower);
            taken = [...taken, next].sort((a, b) => a - b);
          }
        }
        for (const ordinal of taken) {
          const address = addressAt(cidr, ordinal);
          expect(contains(parsePrefix(cidr), parsePrefix(`${address}/32`))).toBe(true);
          expect(['10.42.0.16', '10.42.0.31']).not.toContain(address);
        }
      }),
    );
  });
});

test('addressAt carries into the next octet', () => {
  expect(addressAt('10.42.0.0/16', 258)).toBe('10.42.1.2');
  expect(addressAt('192.168.7.16/28', 14)).toBe('192.168.7.30');
});

test('inRange writes an address as certificates have it', () => {
  expect(inRange('10.42.1.2', '10.42.0.0/16')).toBe('10.42.1.2/16');
});

describe('on a network with IPv6', () => {
  const ranges = { cidr: '10.42.0.0/16', cidr6: 'fd00:42::/64' };
  const four = { ...ranges, cidr6: null };

  test('both addresses follow from one ordinal', () => {
    expect(address6Of(ranges, '10.42.1.2')).toBe('fd00:42::102');
    expect(address6Of(four, '10.42.1.2')).toBeNull();
    expect(networksOf(ranges, '10.42.1.2')).toEqual(['10.42.1.2/16', 'fd00:42::102/64']);
    expect(networksOf(four, '10.42.1.2')).toEqual(['10.42.1.2/16']);
  });

  test('either of them can be asked for', () => {
    expect(ordinalOf('10.42.1.2', ranges, [])).toBe(258);
    expect(ordinalOf('fd00:42::102', ranges, [])).toBe(258);
    expect(() => ordinalOf('fd00:42::102', ranges, [258])).toThrow(
      expect.objectContaining({ code: 'address-taken' }),
    );
  });

  test.each(['fd00:42::', 'fd00:42::1:0', 'fd00:41::1', '10.42.0.0', '10.43.0.1', 'x'])(
    'no host has %s',
    (address) => {
      expect(() => ordinalOf(address, ranges, [])).toThrow(
        expect.objectContaining({ code: 'invalid-request' }),
      );
    },
  );

  test('an IPv6 address is refused where there is none, with the way out', () => {
    expect(() => ordinalOf('fd00:42::7', four, [])).toThrow('certificates of version 2');
  });
});
