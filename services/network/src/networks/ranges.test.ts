import { parsePrefix } from '@cep/nebula/prefixes';
import { describe, expect, test } from '@jest/globals';
import { checkRange, chooseRange } from './ranges.ts';

describe('checkRange', () => {
  test.each(['10.0.0.0/8', '10.42.0.0/16', '172.31.0.0/16', '192.168.7.16/28', '100.64.0.0/10'])(
    'takes %s',
    (cidr) => {
      expect(() => checkRange(cidr)).not.toThrow();
    },
  );

  test.each([
    ['10.42.0.0/29', 'at most 28'],
    ['10.42.0.1/32', 'at most 28'],
    ['10.42.1.0/16', 'write 10.42.0.0/16'],
    ['10.0.0.0/7', 'not private'],
    ['0.0.0.0/0', 'not private'],
    ['192.168.0.0/15', 'not private'],
    ['8.8.0.0/16', 'not private'],
    ['172.32.0.0/16', 'not private'],
    ['127.0.0.0/8', 'not private'],
    ['10.300.0.0/16', 'not an IPv4 range'],
    ['10.42.0.0/33', 'not an IPv4 range'],
    ['10.42.0.0/016', 'not an IPv4 range'],
    ['010.42.0.0/16', 'not an IPv4 range'],
  ])('refuses %s and says what to do', (cidr, why) => {
    expect(() => checkRange(cidr)).toThrow(
      expect.objectContaining({ code: 'invalid-request', message: expect.stringContaining(why) }),
    );
    expect(() => checkRange(cidr)).toThrow(`body/cidr ${cidr}`);
  });
});

describe('chooseRange', () => {
  test('stays clear of what is taken, smaller and larger', () => {
    const taken = ['10.0.0.0/9', '10.128.7.0/24', '10.129.0.5/32', '192.168.0.0/16'];

    expect(chooseRange(taken, 0)).toBe('10.130.0.0/16');
    expect(chooseRange(taken, 0.999_999)).toBe('10.255.0.0/16');
  });

  test('gives 256 networks a range each, and then says how to go on', () => {
    const taken: string[] = [];
    for (let count = 0; count < 256; count += 1) taken.push(chooseRange(taken, Math.random()));

    expect(new Set(taken).size).toBe(256);
    expect(taken.map(parsePrefix).every(({ bits }) => bits === 16)).toBe(true);
    expect(() => chooseRange(taken, 0.5)).toThrow(
      expect.objectContaining({ code: 'range-overlaps' }),
    );
  });
});
