import { expect, test } from '@jest/globals';
import { addressesIn } from './host-addresses.ts';

const having = (address: string, family: 'IPv4' | 'IPv6' = 'IPv4') => [
  { address, family, netmask: '', mac: '', internal: false, cidr: null, scopeid: 0 } as never,
];

test('only addresses on overlays count: apps are never bound to those of the LAN', () => {
  const interfaces = {
    lo: having('127.0.0.1'),
    eth0: having('192.168.1.10'),
    docker0: having('172.17.0.1'),
    'nebula-home': [...having('10.42.0.2'), ...having('fe80::1', 'IPv6')],
  };

  expect(addressesIn(interfaces)).toEqual(['10.42.0.2']);
});
