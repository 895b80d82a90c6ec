import { diffieHellman } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Curve } from './details.ts';
import { privateKeyObject, publicKeyObject } from './key-objects.ts';
import { parsePrivateKey, parsePublicKey, privateKeyPem, publicKeyPem } from './key-pem.ts';
import { generateCaKeys, generateHostKeys, isHostPublicKey, keyPairOf } from './keys.ts';
import { banners, decodeOnePem, decodePem, encodePem } from './pem.ts';

const refusal = expect.objectContaining({ code: 'invalid-request' });
const bytesOf = (text: string) => decodeOnePem(text).bytes.length;

describe.each<[Curve, string, string, number, number]>([
  ['curve25519', 'X25519', 'ED25519', 64, 32],
  ['p256', 'P256', 'ECDSA P256', 32, 65],
])('keys of %s', (curve, hostName, caName, caPrivateLength, publicLength) => {
  test('have the banners and lengths of nebula', () => {
    const host = generateHostKeys(curve);
    const ca = generateCaKeys(curve);
    const privateHost = privateKeyPem('host', host);
    const privateCa = privateKeyPem('ca', ca);
    const publicCa = publicKeyPem('ca', ca);

    expect(privateHost).toContain(`-----BEGIN NEBULA ${hostName} PRIVATE KEY-----\n`);
    expect(publicKeyPem('host', host)).toContain(`-----BEGIN NEBULA ${hostName} PUBLIC KEY-----\n`);
    expect(privateCa).toContain(`-----BEGIN NEBULA ${caName} PRIVATE KEY-----\n`);
    expect(publicCa).toContain(`-----BEGIN NEBULA ${caName} PUBLIC KEY-----\n`);
    expect([bytesOf(privateHost), bytesOf(privateCa), bytesOf(publicCa)]).toEqual([
      32,
      caPrivateLength,
      publicLength,
    ]);
  });

  test('survive being written and read', () => {
    const host = generateHostKeys(curve);
    const ca = generateCaKeys(curve);

    expect(parsePrivateKey('host', privateKeyPem('host', host))).toEqual(host);
    expect(parsePrivateKey('ca', privateKeyPem('ca', ca))).toEqual(ca);
    expect(parsePublicKey('host', publicKeyPem('host', host)).publicKey).toEqual(host.publicKey);
  });

  test('are not taken for keys of the other use', () => {
    const host = generateHostKeys(curve);

    expect(() => parsePrivateKey('ca', privateKeyPem('host', host))).toThrow(refusal);
    expect(() => parsePublicKey('host', publicKeyPem('ca', generateCaKeys(curve)))).toThrow(
      refusal,
    );
    expect(() => parsePrivateKey('host', publicKeyPem('host', host))).toThrow(refusal);
  });

  test('are different each time, and good to agree with', () => {
    const [one, other] = [generateHostKeys(curve), generateHostKeys(curve)];

    expect(one.privateKey).not.toEqual(other.privateKey);
    expect(isHostPublicKey(curve, one.publicKey)).toBe(true);
  });
});

test('refuses a signing key whose halves do not belong together', () => {
  const [one, other] = [generateCaKeys(), generateCaKeys()];
  const mixed = Buffer.concat([one.privateKey.subarray(0, 32), other.publicKey]);

  expect(() => keyPairOf('ca', 'curve25519', mixed)).toThrow(refusal);
});

test.each([
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  `01${'00'.repeat(30)}80`,
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f11d7',
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(31)}`,
])('nobody agrees with the point %s, and OpenSSL neither', (hex) => {
  const point = Buffer.from(hex, 'hex');
  const privateKey = privateKeyObject('x25519', generateHostKeys().privateKey);
  const agree = () => diffieHellman({ privateKey, publicKey: publicKeyObject('x25519', point) });

  expect(isHostPublicKey('curve25519', point)).toBe(false);
  expect(agree).toThrow(/derivation/);
});

test('refuses private keys that are none', () => {
  expect(() => keyPairOf('host', 'p256', Buffer.alloc(32))).toThrow(refusal);
  expect(() => keyPairOf('host', 'p256', Buffer.alloc(32, 0xff))).toThrow(refusal);
  expect(() => keyPairOf('host', 'curve25519', Buffer.alloc(31))).toThrow(refusal);
});

test('says that an encrypted key is encrypted', () => {
  const pem = encodePem('NEBULA ED25519 ENCRYPTED PRIVATE KEY', Buffer.alloc(80));

  expect(() => parsePrivateKey('ca', pem)).toThrow(/encrypted/);
});

test('never quotes a private key that it cannot read', () => {
  const secret = Buffer.alloc(33, 0x5a).toString('base64');
  const text = `-----BEGIN NEBULA X25519 PRIVATE KEY-----\n${secret}\n-----END NEBULA X25519 PRIVATE KEY-----`;

  expect(() => parsePrivateKey('host', text)).not.toThrow(secret);
  expect(() => parsePrivateKey('host', text)).toThrow(refusal);
});

describe('PEM', () => {
  test('has lines of 64 and ends in one line end', () => {
    const text = encodePem('NEBULA CERTIFICATE', Buffer.alloc(100));
    const lines = text.split('\n');

    expect(lines.slice(1, -2).map((line) => line.length)).toEqual([64, 64, 8]);
    expect(lines.at(-1)).toBe('');
  });

  test.each(banners)('reads a %s back', (banner) => {
    const bytes = Buffer.from('anything');

    expect(decodePem(encodePem(banner, bytes))).toEqual([{ banner, bytes }]);
  });

  test('takes comments, blank lines and CR LF between blocks', () => {
    const one = encodePem('NEBULA CERTIFICATE', Buffer.from('one'));
    const text = `# first\n\n${one}\n# second\n${one}`.replaceAll('\n', '\r\n');

    expect(decodePem(text)).toHaveLength(2);
  });

  test.each([
    ['other text', 'hello'],
    ['a banner of others', '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----'],
    ['a block that does not end', '-----BEGIN NEBULA CERTIFICATE-----\nAAAA'],
    ['two beginnings', '-----BEGIN NEBULA CERTIFICATE-----\n-----BEGIN NEBULA CERTIFICATE-----'],
    ['another end', '-----BEGIN NEBULA CERTIFICATE-----\n-----END NEBULA CERTIFICATE V2-----'],
    [
      'what is not base64',
      '-----BEGIN NEBULA CERTIFICATE-----\nA*==\n-----END NEBULA CERTIFICATE-----',
    ],
    ['text after the block', `${encodePem('NEBULA CERTIFICATE', Buffer.alloc(3))}more`],
    ['endless text', '#'.repeat(1_000_001)],
  ])('refuses %s', (_, text) => {
    expect(() => decodePem(text)).toThrow(refusal);
  });
});
