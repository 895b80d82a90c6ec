import { describe, expect, test } from '@jest/globals';
import {
  certificatePem,
  fingerprint,
  parseCertificate,
  parseCertificates,
  signCertificate,
} from './certificates.ts';
import { element } from './der.ts';
import type { Certificate, Details, Version } from './details.ts';
import { generateCaKeys, generateHostKeys, type KeyPair } from './keys.ts';
import { encodePem } from './pem.ts';
import { bytesField } from './protobuf.ts';
import { otherEcdsaSignature, signBytes } from './signatures.ts';
import { authorityPool, verify } from './verify.ts';

const NOW = 1_500;
const keys = generateCaKeys();
const hostKeys = generateHostKeys();

const caDetails: Details = {
  name: 'test authority',
  networks: ['10.42.0.0/16'],
  unsafeNetworks: ['192.168.0.0/16'],
  groups: ['server', 'laptop'],
  notBefore: 1_000,
  notAfter: 2_000,
  publicKey: keys.publicKey,
  isCa: true,
  issuer: '',
  curve: 'curve25519',
};

const ca = (changes: Partial<Details> = {}, version: Version = 1): Certificate =>
  signCertificate(version, { ...caDetails, ...changes }, keys.privateKey);

const leafDetails = (authority: Certificate): Details => ({
  name: 'web-1',
  networks: ['10.42.0.7/16'],
  unsafeNetworks: [],
  groups: ['server'],
  notBefore: 1_100,
  notAfter: 1_900,
  publicKey: hostKeys.publicKey,
  isCa: false,
  issuer: fingerprint(authority),
  curve: 'curve25519',
});

/** The verdict on what is written out and read back: on what a stranger would receive. */
function judge(
  changes: Partial<Details>,
  { authority = ca(), version = 1 }: { authority?: Certificate; version?: Version } = {},
) {
  const signed = signCertificate(
    version,
    { ...leafDetails(authority), ...changes },
    keys.privateKey,
  );
  return verify(parseCertificate(certificatePem(signed)), authorityPool([authority]), { now: NOW });
}

describe('as nebula-cert verify accepts and rejects, version 1', () => {
  test.each<[string, Partial<Details>, Partial<Details>?]>([
    ['a plain host', {}],
    ['one that ends with its authority', { notAfter: 2_000 }],
    ['one that begins with its authority', { notBefore: 1_000 }],
    ['one without groups where the authority lists some', { groups: [] }],
    [
      'a route where the authority lists none',
      { unsafeNetworks: ['0.0.0.0/0'] },
      { unsafeNetworks: [] },
    ],
    ['any group where the authority lists none', { groups: ['anything'] }, { groups: [] }],
    [
      'any address where the authority lists none',
      { networks: ['172.16.0.1/12'] },
      { networks: [] },
    ],
    ['an empty name', { name: '' }],
    ['two addresses', { networks: ['10.42.0.7/16', '10.42.0.8/16'] }],
    ['a group named twice', { groups: ['server', 'server'] }],
    ['a name of odd letters', { name: 'wéb \u202e 1' }],
    ['a name of 300 bytes', { name: 'x'.repeat(300) }],
  ])('accepts %s', (...[, changes, authority]) => {
    expect(judge(changes, { authority: ca(authority) })).toBe('valid');
  });

  test.each<[string, Partial<Details>, Partial<Details>?]>([
    ['one that outlives its authority', { notAfter: 2_001 }],
    ['one that begins before its authority', { notBefore: 999 }],
    ['a group that the authority does not list', { groups: ['server', 'admin'] }],
    ['an address outside the authority', { networks: ['10.43.0.7/16'] }],
    ['a second address outside the authority', { networks: ['10.42.0.7/16', '10.43.0.7/16'] }],
    ['a wider mask than the authority', { networks: ['10.42.0.7/8'] }],
    ['a route outside the authority', { unsafeNetworks: ['172.16.0.0/12'] }],
    [
      'any route of a locked authority',
      { unsafeNetworks: ['192.168.0.0/24'] },
      { unsafeNetworks: ['255.255.255.255/32'] },
    ],
  ])('rejects %s', (...[, changes, authority]) => {
    expect(judge(changes, { authority: ca(authority) })).toBe('exceeds-authority');
  });

  test('rejects an unknown field, although it is signed', () => {
    const { rawDetails } = signCertificate(1, leafDetails(ca()), keys.privateKey);
    const extended = Buffer.concat([rawDetails, bytesField(11, Buffer.from('new'))]);
    const signature = signBytes('curve25519', keys.privateKey, extended);
    const bytes = Buffer.concat([bytesField(1, extended), bytesField(2, signature)]);

    expect(() => parseCertificate(encodePem('NEBULA CERTIFICATE', bytes))).toThrow(
      expect.objectContaining({ code: 'invalid-request' }),
    );
  });

  test('rejects a host without a network, as nebula since 1.10', () => {
    expect(() => judge({ networks: [] })).toThrow(
      expect.objectContaining({ code: 'invalid-request' }),
    );
  });
});

describe('as nebula-cert verify accepts and rejects, version 2', () => {
  const authority = ca({ networks: ['10.42.0.0/16', 'fd00:42::/64'] }, 2);

  test.each<[string, Partial<Details>]>([
    ['addresses of both families', { networks: ['fd00:42::7/64', '10.42.0.7/16'] }],
    ['a name of 253 bytes', { name: 'x'.repeat(253) }],
  ])('accepts %s', (_, changes) => {
    const signed = signCertificate(2, { ...leafDetails(authority), ...changes }, keys.privateKey);
    const parsed = parseCertificate(certificatePem(signed));

    expect(verify(parsed, authorityPool([authority]), { now: NOW })).toBe('valid');
  });

  test('accepts an unknown field at the end of the details, and signs it', () => {
    const details = leafDetails(authority);
    const plain = signCertificate(2, details, keys.privateKey);
    const unknown = element(0x88, Buffer.from('new'));
    const rawDetails = element(0xa0, plain.rawDetails.subarray(2), unknown);
    const signedBytes = Buffer.concat([rawDetails, Buffer.of(0), details.publicKey]);
    const signature = signBytes('curve25519', keys.privateKey, signedBytes);
    const parsed = parseCertificate(certificatePem({ ...plain, rawDetails, signature }));

    expect(verify(parsed, authorityPool([authority]), { now: NOW })).toBe('valid');
    expect(fingerprint(parsed)).not.toBe(fingerprint(plain));
  });

  test('accepts a host of one version under an authority of the other', () => {
    expect(judge({}, { version: 1, authority: ca({}, 2) })).toBe('valid');
    expect(judge({}, { version: 2, authority: ca({}, 1) })).toBe('valid');
  });

  test.each<[string, Partial<Details>]>([
    ['an empty name', { name: '' }],
    ['a name of 254 bytes', { name: 'x'.repeat(254) }],
    ['an IPv6 route without an IPv6 address', { unsafeNetworks: ['fd01::/64'] }],
    ['a network named twice', { networks: ['10.42.0.7/16', '10.42.0.7/16'] }],
    ['no network', { networks: [] }],
  ])('rejects %s', (_, changes) => {
    expect(() => judge(changes, { version: 2 })).toThrow(
      expect.objectContaining({ code: 'invalid-request' }),
    );
  });

  test('rejects another encoding of the same details, although it is signed', () => {
    const details = { ...leafDetails(authority), isCa: true };
    const plain = signCertificate(2, details, keys.privateKey);
    const hex = Buffer.from(plain.rawDetails).toString('hex').replace('8401ff', '840101');
    const rawDetails = Buffer.from(hex, 'hex');
    const signedBytes = Buffer.concat([rawDetails, Buffer.of(0), details.publicKey]);
    const signature = signBytes('curve25519', keys.privateKey, signedBytes);

    expect(() => parseCertificate(certificatePem({ ...plain, rawDetails, signature }))).toThrow(
      expect.objectContaining({ code: 'invalid-request' }),
    );
  });

  test('rejects an IPv6 host under an authority of IPv4 only', () => {
    expect(judge({ networks: ['fd00:42::7/64'] }, { version: 2 })).toBe('exceeds-authority');
  });
});

describe('the order of judgement', () => {
  const authority = ca();
  const certificate = signCertificate(1, leafDetails(authority), keys.privateKey);
  const pool = authorityPool([authority]);
  const broken = { ...certificate, signature: Buffer.alloc(64) };

  test('a blocked fingerprint comes before everything', () => {
    const blocklist = new Set([fingerprint(broken)]);

    expect(verify(broken, authorityPool([]), { now: 9_999, blocklist })).toBe('blocklisted');
  });

  test('an unknown authority comes before expiry', () => {
    expect(verify(broken, authorityPool([]), { now: 9_999 })).toBe('unknown-authority');
  });

  test("the authority's expiry comes before the host's, and both before the signature", () => {
    expect(verify(broken, pool, { now: 2_001 })).toBe('authority-expired');
    expect(verify(broken, pool, { now: 1_901 })).toBe('expired');
    expect(verify(broken, pool, { now: 1_099 })).toBe('expired');
    expect(verify(broken, pool, { now: NOW })).toBe('bad-signature');
  });

  test('both ends of the validity are inside it', () => {
    expect(verify(certificate, pool, { now: 1_100 })).toBe('valid');
    expect(verify(certificate, pool, { now: 1_900 })).toBe('valid');
  });

  test('the curve comes before expiry', () => {
    const other = signP256({ ...leafDetails(authority) });

    expect(verify(other.certificate, pool, { now: 9_999 })).toBe('other-curve');
  });

  test('an authority cannot make another authority', () => {
    expect(judge({ isCa: true, networks: ['10.42.0.0/16'] })).toBe('not-a-host');
  });
});

describe('the pool', () => {
  test('takes a bundle of both versions', () => {
    const bundle = [ca({}, 1), ca({}, 2)].map(certificatePem).join('\n# next\n');

    expect(authorityPool(parseCertificates(bundle)).size).toBe(2);
  });

  test('refuses a host, and an authority that somebody else signed', () => {
    const host = signCertificate(1, leafDetails(ca()), keys.privateKey);
    const foreign = signCertificate(1, caDetails, generateCaKeys().privateKey);

    for (const each of [host, foreign])
      expect(() => authorityPool([each])).toThrow(
        expect.objectContaining({ code: 'invalid-request' }),
      );
  });
});

describe('P-256', () => {
  test('accepts both forms of a signature, and blocks both by either fingerprint', () => {
    const { certificate, pool } = signP256({});
    const twin = { ...certificate, signature: otherEcdsaSignature(certificate.signature) };
    const blocklist = new Set([fingerprint(certificate)]);

    expect(fingerprint(twin)).not.toBe(fingerprint(certificate));
    for (const each of [certificate, twin]) {
      expect(verify(each, pool, { now: NOW })).toBe('valid');
      expect(verify(each, pool, { now: NOW, blocklist })).toBe('blocklisted');
    }
  });

  test('signs with the lower form only', () => {
    const { privateKey } = generateCaKeys('p256');
    for (let round = 0; round < 20; round += 1) {
      const signature = signBytes('p256', privateKey, Buffer.of(round));
      const length = signature[(signature[3] ?? 0) + 5] ?? 0;
      const s = Buffer.from(signature.subarray(-length))
        .toString('hex')
        .padStart(64, '0')
        .slice(-64);

      expect(s < '8').toBe(true);
    }
  });
});

function signP256(changes: Partial<Details>) {
  const curve = 'p256';
  const { publicKey, privateKey }: KeyPair = generateCaKeys(curve);
  const authority = signCertificate(1, { ...caDetails, curve, publicKey }, privateKey);
  const own = { curve, publicKey: generateHostKeys(curve).publicKey } as const;
  const details = { ...leafDetails(authority), ...changes, ...own };
  const certificate = signCertificate(1, details, privateKey);
  return { certificate, pool: authorityPool([authority]) };
}
