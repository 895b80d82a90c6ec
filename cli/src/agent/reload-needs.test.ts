import { certificatePem } from '@cep/nebula/certificates';
import type { HostSettings } from '@cep/nebula/host-settings';
import { issueCa, issueHost } from '@cep/nebula/issue';
import { generateCaKeys, generateHostKeys } from '@cep/nebula/keys';
import { expect, test } from '@jest/globals';
import { keepsOldHandshakes, needOf } from './reload-needs.ts';

const validity = { notBefore: 1_800_000_000, notAfter: 1_800_100_000 };
const authority = issueCa(
  { version: 1, name: 'home', networks: ['10.42.0.0/16'], ...validity },
  generateCaKeys(),
);
const certificateOf = (address: string) =>
  certificatePem(
    issueHost(authority, {
      ...{ name: 'laptop', networks: [address], groups: [], ...validity },
      publicKey: generateHostKeys().publicKey,
    }),
  );

const settings: HostSettings = {
  authorities: [certificatePem(authority.certificate)],
  certificate: certificateOf('10.42.0.2/16'),
  ...{
    blocklist: [],
    lighthouses: [],
    relays: [],
    staticHosts: {},
    inbound: [],
    outbound: [],
    routes: [],
  },
  ...{ amLighthouse: false, amRelay: false, device: 'nebula-home' },
  listen: { host: '0.0.0.0', port: 0 },
};
const rule = { port: 'any', proto: 'any', peer: 'any' } as const;

test.each<[string, Partial<HostSettings>, string, string]>([
  ['nothing', {}, '1.6.1', 'nothing'],
  ['the same certificates in other objects', { blocklist: [] }, '1.6.1', 'nothing'],
  ['the blocklist', { blocklist: ['f'.repeat(64)] }, '1.6.1', 'reload'],
  ['the authorities', { authorities: ['another'] }, '1.6.1', 'reload'],
  ['whom it lets in', { inbound: [rule] }, '1.6.1', 'reload'],
  ['whom it calls', { outbound: [rule] }, '1.6.1', 'reload'],
  ['the certificate', { certificate: certificateOf('10.42.0.2/16') }, '1.6.1', 'reload'],
  ['the address', { certificate: certificateOf('10.42.0.3/16') }, '1.11.0', 'restart'],
  ['where lighthouses are', { staticHosts: { '10.42.0.1': ['a:1'] } }, '1.6.1', 'reload'],
  ['where lighthouses are', { staticHosts: { '10.42.0.1': ['a:1'] } }, '1.7.1', 'restart'],
  ['where lighthouses are', { staticHosts: { '10.42.0.1': ['a:1'] } }, '1.7.2', 'reload'],
  ['a route', { routes: [{ range: '192.0.2.0/24', via: '10.42.0.3' }] }, '1.8.0', 'restart'],
  ['a route', { routes: [{ range: '192.0.2.0/24', via: '10.42.0.3' }] }, '1.9.3', 'reload'],
  ['the port', { listen: { host: '0.0.0.0', port: 4242 } }, '1.11.0', 'restart'],
  ['being a lighthouse', { amLighthouse: true }, '1.11.0', 'restart'],
  ['being a relay, and the rules', { amRelay: true, inbound: [rule] }, '1.11.0', 'restart'],
])('a change of %s needs what it needs: %j on %s is a %s', (_, changed, version, need) => {
  expect(needOf(settings, { ...settings, ...changed }, version)).toBe(need);
});

test.each([
  ['1.6.1', true],
  ['1.7.0', false],
  ['1.11.0', false],
])('nebula %s shows a new certificate only to whom it meets anew: %s', (version, keeps) => {
  expect(keepsOldHandshakes(version)).toBe(keeps);
});
