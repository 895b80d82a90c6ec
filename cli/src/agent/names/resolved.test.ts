import { expect, test } from '@jest/globals';
import { revertCommand, splitCommands } from './resolved.ts';

const link = {
  device: 'nebula-home',
  network: { name: 'home', ranges: ['10.42.0.0/15'] },
  addresses: ['10.42.0.2'],
};

test('systemd-resolved asks us about the network and its addresses, and about nothing else', () => {
  expect(splitCommands(link)).toEqual([
    ['dns', 'nebula-home', '10.42.0.2'],
    ['domain', 'nebula-home', '~home', '~42.10.in-addr.arpa', '~43.10.in-addr.arpa'],
    ['default-route', 'nebula-home', 'no'],
    ['llmnr', 'nebula-home', 'no'],
    ['mdns', 'nebula-home', 'no'],
    ['dnssec', 'nebula-home', 'no'],
    ['dnsovertls', 'nebula-home', 'no'],
  ]);
  expect(revertCommand(link)).toEqual(['revert', 'nebula-home']);
});
