import { expect, test } from '@jest/globals';
import { networkOf, remoteAddress } from './address.ts';

test.each([
  ['203.0.113.9', '203.0.113.9'],
  ['2001:db8:0:7:1:2:3:4', '2001:db8:0:7::/64'],
  ['2001:db8:0:7::9', '2001:db8:0:7::/64'],
  ['2001:db8::9', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
])('what %s does counts for %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});

test('an IPv4 address is the same whatever kind of socket took it', () => {
  expect(remoteAddress({ remoteAddress: '::ffff:192.0.2.1' })).toBe('192.0.2.1');
  expect(remoteAddress({ remoteAddress: '::1' })).toBe('::1');
});
