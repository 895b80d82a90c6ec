import type { NetworkInterfaceInfo } from 'node:os';
import type { Bundle } from '@cep/contracts/bundle';
import { certificatePem } from '@cep/nebula/certificates';
import { issueCa, issueHost } from '@cep/nebula/issue';
import { generateCaKeys, generateHostKeys } from '@cep/nebula/keys';
import { expect, test } from '@jest/globals';
import { checkClaims } from './claims.ts';

const id = '7f1a6a0e-5a55-4c0b-9d9a-0a4c9d2b8f11';
const validity = { notBefore: 1, notAfter: 4_000_000_000 };

function bundleFor(address: string, range: string, name = 'laptop'): Bundle {
  const authority = issueCa(
    { version: 1, name: 'home', networks: [range], ...validity },
    generateCaKeys(),
  );
  const { publicKey } = generateHostKeys();
  const certificate = issueHost(authority, { name, networks: [address], publicKey, ...validity });
  return {
    ...{ version: 1, issuedAt: new Date(0).toISOString(), authorities: '' },
    certificate: certificatePem(certificate),
    network: { id, name: 'home', cidr: range },
    host: {
      id,
      name: 'laptop',
      address,
      lighthouse: false,
      relay: false,
      interface: true,
      port: null,
    },
    ...{ blocklist: [], lighthouses: [], relays: [], inbound: [] },
  };
}

const having = (cidr: string) => [{ cidr } as NetworkInterfaceInfo];
const lan = { lo: having('127.0.0.1/8'), eth0: having('192.168.1.10/24') };

test('a range of its own is fine, also when the interface is there already', () => {
  const bundle = bundleFor('10.42.0.2/16', '10.42.0.0/16');

  checkClaims(bundle, lan);
  checkClaims(bundle, { ...lan, 'nebula-home': having('10.42.0.2/16') });
});

test.each([
  ['the LAN', bundleFor('192.168.1.10/28', '192.168.1.0/28'), 'eth0'],
  ['what has the LAN in it', bundleFor('192.168.0.9/16', '192.168.0.0/16'), 'eth0'],
  ['other people’s addresses', bundleFor('8.8.8.8/24', '8.8.8.0/24'), 'not private'],
  ['every address', bundleFor('10.0.0.1/1', '0.0.0.0/1'), 'not private'],
  ['another host', bundleFor('10.42.0.2/16', '10.42.0.0/16', 'phone'), 'somebody else'],
])('a server cannot claim %s', (_what, bundle, why) => {
  expect(() => checkClaims(bundle, lan)).toThrow(why);
});
