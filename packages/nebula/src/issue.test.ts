import { describe, expect, test } from '@jest/globals';
import { isSignedByAuthority } from './certificates.ts';
import type { Version } from './details.ts';
import { type CaRequest, type HostRequest, issueCa, issueHost } from './issue.ts';
import { generateCaKeys, generateHostKeys } from './keys.ts';
import { authorityPool, verify } from './verify.ts';

const caRequest: CaRequest = {
  version: 1,
  name: 'home',
  networks: ['10.42.0.0/16'],
  notBefore: 1_000,
  notAfter: 2_000,
};

const dual: CaRequest = { ...caRequest, version: 2, networks: ['10.42.0.0/16', 'fd00:42::/64'] };

const hostRequest: HostRequest = {
  name: 'web-1',
  networks: ['10.42.0.7/16'],
  groups: ['server'],
  notBefore: 1_000,
  notAfter: 2_000,
  publicKey: generateHostKeys().publicKey,
};

const authority = (changes: Partial<CaRequest> = {}) =>
  issueCa({ ...caRequest, ...changes }, generateCaKeys());

const refusal = expect.objectContaining({ code: 'invalid-request' });

describe('an authority', () => {
  test('signs itself, and is locked against routes when it has none', () => {
    const { certificate } = authority();

    expect(isSignedByAuthority(certificate, certificate)).toBe(true);
    expect(certificate.unsafeNetworks).toEqual(['255.255.255.255/32']);
  });

  test('keeps the routes that it was given', () => {
    const { certificate } = authority({ unsafeNetworks: ['192.168.0.0/16'] });

    expect(certificate.unsafeNetworks).toEqual(['192.168.0.0/16']);
  });

  test.each<[string, Partial<CaRequest>]>([
    ['no network', { networks: [] }],
    ['a network that is an address in a range', { networks: ['10.42.0.7/16'] }],
    ['a network that is none', { networks: ['10.42.0.0'] }],
    ['IPv6 in version 1', { networks: ['fd00:42::/64'] }],
    ['routes into its own overlay', { unsafeNetworks: ['10.0.0.0/8'] }],
    ['an end before its beginning', { notAfter: 1_000 }],
    ['a fraction of a second', { notAfter: 1_999.5 }],
    ['an empty name', { name: '' }],
    ['a name of two lines', { name: 'a\nb' }],
    ['the group that means everyone', { groups: ['any'] }],
    ['a group named twice', { groups: ['a', 'a'] }],
  ])('is refused with %s', (_, changes) => {
    expect(() => authority(changes)).toThrow(refusal);
  });
});

describe('a host', () => {
  test.each<[string, CaRequest, Partial<HostRequest>]>([
    ['of version 1', caRequest, {}],
    ['of version 2, with both families', dual, { networks: ['10.42.0.7/16', 'fd00:42::7/64'] }],
    ['of version 1 under version 2', dual, { version: 1 }],
    ['of version 2 under version 1', caRequest, { version: 2 }],
    [
      'with a route',
      { ...caRequest, unsafeNetworks: ['192.168.0.0/16'] },
      { unsafeNetworks: ['192.168.9.0/24'] },
    ],
    ['with a name of several labels', caRequest, { name: 'web-1.home.example' }],
    [
      'at an end of a range of two',
      { ...caRequest, networks: ['10.42.0.6/31'] },
      { networks: ['10.42.0.6/31'] },
    ],
  ])('%s is valid under its authority', (_, request, changes) => {
    const issuer = issueCa(request, generateCaKeys());

    const certificate = issueHost(issuer, { ...hostRequest, ...changes });

    expect(verify(certificate, authorityPool([issuer.certificate]), { now: 1_500 })).toBe('valid');
  });

  test('of P-256 is valid under an authority of P-256', () => {
    const issuer = issueCa(dual, generateCaKeys('p256'));
    const { publicKey } = generateHostKeys('p256');

    const certificate = issueHost(issuer, { ...hostRequest, publicKey });

    expect(verify(certificate, authorityPool([issuer.certificate]), { now: 1_500 })).toBe('valid');
  });

  test.each<[string, Partial<HostRequest>]>([
    ['a name that DNS cannot carry', { name: 'Web 1' }],
    ['a name in capitals', { name: 'WEB-1' }],
    ['an empty name', { name: '' }],
    ['the name that means everyone', { name: 'any' }],
    ['a name longer than DNS takes', { name: Array(64).fill('abc').join('.') }],
    ['no address', { networks: [] }],
    ['two addresses', { networks: ['10.42.0.7/16', '10.42.0.8/16'] }],
    ['an address outside the network', { networks: ['10.43.0.7/16'] }],
    ['a wider network', { networks: ['10.42.0.7/8'] }],
    ["the network's own address", { networks: ['10.42.0.0/16'] }],
    ['the broadcast address', { networks: ['10.42.255.255/16'] }],
    ['a route into the overlay', { unsafeNetworks: ['10.42.9.0/24'] }],
    ['a route around the overlay', { unsafeNetworks: ['0.0.0.0/0'] }],
    ['a route of a locked authority', { unsafeNetworks: ['192.168.9.0/24'] }],
    ['a life longer than its authority', { notAfter: 2_001 }],
    ['a life that begins too early', { notBefore: 999 }],
    ['an empty group', { groups: [''] }],
    ['a key of the wrong length', { publicKey: Buffer.alloc(31, 7) }],
    ['a key with which no secret can be made', { publicKey: Buffer.alloc(32) }],
    ['a key of the other curve', { publicKey: generateHostKeys('p256').publicKey }],
  ])('is refused with %s', (_, changes) => {
    expect(() => issueHost(authority(), { ...hostRequest, ...changes })).toThrow(refusal);
  });

  test('of P-256 is refused with a point that is not on the curve', () => {
    const issuer = issueCa(caRequest, generateCaKeys('p256'));
    const publicKey = Buffer.concat([Buffer.of(4), Buffer.alloc(64, 9)]);

    expect(() => issueHost(issuer, { ...hostRequest, publicKey })).toThrow(refusal);
  });

  test.each(['curve25519', 'p256'] as const)('is not signed with a key of another: %s', (curve) => {
    const { certificate } = issueCa(caRequest, generateCaKeys(curve));
    const { privateKey } = generateCaKeys(curve);
    const { publicKey } = generateHostKeys(curve);

    expect(() => issueHost({ certificate, privateKey }, { ...hostRequest, publicKey })).toThrow(
      /not the key/,
    );
  });

  test('is refused a group that the authority does not list', () => {
    const issuer = authority({ groups: ['laptop'] });

    expect(() => issueHost(issuer, hostRequest)).toThrow(refusal);
  });

  test.each<Version>([1, 2])('keeps the order of its groups in version %i', (version) => {
    const groups = ['server', 'laptop', 'a'];

    expect(issueHost(authority(), { ...hostRequest, version, groups }).groups).toEqual(groups);
  });
});
