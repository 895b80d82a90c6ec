/** What strangers may send: whatever it is, it is refused in one way, soon, or it is what it claims. */

import { Problem } from '@cep/contracts/problems';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeV1 } from './certificate-v1.ts';
import { decodeV2 } from './certificate-v2.ts';
import {
  certificatePem,
  encodeCertificate,
  fingerprint,
  parseCertificate,
  parseCertificates,
} from './certificates.ts';
import { element } from './der.ts';
import type { Certificate, Curve, Version } from './details.ts';
import { type CaRequest, issueCa, issueHost } from './issue.ts';
import { parsePrivateKey, parsePublicKey, privateKeyPem, publicKeyPem } from './key-pem.ts';
import { generateCaKeys, generateHostKeys } from './keys.ts';
import { type Banner, encodePem } from './pem.ts';
import { repeatedField } from './protobuf.ts';
import { authorityPool, verify } from './verify.ts';

const kinds: [Version, Curve][] = [
  [1, 'curve25519'],
  [2, 'curve25519'],
  [1, 'p256'],
  [2, 'p256'],
];

const caRequest = { name: 'home', notBefore: 1, notAfter: 4_000_000_000 };

function sample(version: Version, curve: Curve) {
  const networks = version === 1 ? ['10.0.0.0/8'] : ['10.0.0.0/8', 'fd00::/16'];
  const request: CaRequest = {
    ...caRequest,
    version,
    networks,
    unsafeNetworks: ['192.168.0.0/16'],
  };
  const authority = issueCa(request, generateCaKeys(curve));
  const { publicKey } = generateHostKeys(curve);
  const issue = (changes: object) =>
    issueHost(authority, {
      name: 'web-1',
      networks: networks.map((each) => each.replace('.0/', '.7/').replace('::/', '::7/')),
      unsafeNetworks: ['192.168.9.0/24'],
      groups: ['server', 'laptop'],
      notBefore: 1_000,
      notAfter: 3_000_000_000,
      publicKey,
      ...changes,
    });
  return { authority, issue, pool: authorityPool([authority.certificate]) };
}

/** Reads, or is refused in the one way that readers refuse. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Problem && error.code === 'invalid-request') return undefined;
    throw error;
  }
}

const decode = (version: Version, bytes: Uint8Array): Certificate | undefined =>
  attempt(() => (version === 1 ? decodeV1(bytes) : decodeV2(bytes)));

const encoded = (certificate: Certificate) => Buffer.from(encodeCertificate(certificate));

const HOLDS = { counterexample: null, error: null };

/** Tries a property, and tells what it fails for. */
function outcome<T>(property: fc.IProperty<T>, numRuns = 1_000) {
  const { counterexample, errorInstance } = fc.check(property, { numRuns });
  return { counterexample, error: errorInstance };
}

/** One to three edits: a byte changed, inserted, removed, or the end cut off. */
const edits = fc.array(
  fc.record({
    kind: fc.constantFrom('change', 'insert', 'remove', 'cut'),
    at: fc.nat(400),
    byte: fc.nat(255),
  }),
  { minLength: 1, maxLength: 3 },
);

type Edit = typeof edits extends fc.Arbitrary<(infer E)[]> ? E : never;

const edit = (bytes: Uint8Array, { kind, at, byte }: Edit): Uint8Array => {
  const place = at % (bytes.length + 1);
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)];
  if (kind === 'cut') return before;
  const rest = kind === 'insert' ? after : after.subarray(1);
  return Buffer.concat([before, kind === 'remove' ? Buffer.alloc(0) : Buffer.of(byte), rest]);
};

describe.each(kinds)('version %i, %s', (version, curve) => {
  const { issue, pool } = sample(version, curve);
  const bytes = encodeCertificate(issue({}));

  test('no edited certificate is ever found valid', () => {
    const isRefused = fc.property(edits, (steps) => {
      const certificate = decode(version, steps.reduce(edit, bytes));
      const isSame = certificate && encoded(certificate).equals(bytes);
      return !certificate || isSame || verify(certificate, pool, { now: 2_000 }) !== 'valid';
    });

    expect(outcome(isRefused)).toEqual(HOLDS);
  });

  test('whatever can be read has one encoding', () => {
    const isCanonical = fc.property(edits, (steps) => {
      const edited = steps.reduce(edit, bytes);
      const certificate = decode(version, edited);
      return !certificate || encoded(certificate).equals(edited);
    });

    expect(outcome(isCanonical)).toEqual(HOLDS);
  });

  test('whatever is issued reads back the same', () => {
    const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/);
    const requests = fc.record({
      name: label.filter((name) => name !== 'any'),
      groups: fc.uniqueArray(label.filter((name) => name !== 'any')),
      networks: fc
        .tuple(fc.nat(255), fc.integer({ min: 1, max: 254 }), fc.integer({ min: 8, max: 24 }))
        .map(([c, d, bits]) => [`10.9.${c}.${d}/${bits}`]),
      notBefore: fc.integer({ min: 1, max: 2_000_000_000 }),
      notAfter: fc.integer({ min: 2_000_000_001, max: 4_000_000_000 }),
    });
    const survives = fc.property(requests, (request) => {
      const certificate = issue(request);
      const parsed = parseCertificate(certificatePem(certificate));
      expect(parsed).toEqual(certificate);
      expect(parsed).toMatchObject(request);
      expect(fingerprint(parsed)).toBe(fingerprint(certificate));
    });

    expect(outcome(survives, 100)).toEqual(HOLDS);
  });
});

test('noise is refused and does no harm', () => {
  const isHarmless = fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (bytes, text) => {
    decode(1, bytes);
    decode(2, bytes);
    attempt(() => parseCertificates(text));
    attempt(() => parseCertificates(encodePem('NEBULA CERTIFICATE', bytes)));
    attempt(() => parseCertificates(encodePem('NEBULA CERTIFICATE V2', bytes)));
  });

  expect(outcome(isHarmless)).toEqual(HOLDS);
});

describe('keys', () => {
  const uses = ['host', 'ca'] as const;
  const readAll = (text: string) =>
    uses.flatMap((use) => [
      attempt(() => parsePrivateKey(use, text)),
      attempt(() => parsePublicKey(use, text)),
    ]);
  const files = uses.flatMap((use) =>
    (['curve25519', 'p256'] as const).flatMap((curve) => {
      const pair = use === 'host' ? generateHostKeys(curve) : generateCaKeys(curve);
      return [privateKeyPem(use, pair), publicKeyPem(use, pair)];
    }),
  );

  test('an edited file is refused, or it is a key that is written the same way', () => {
    const isSound = fc.property(fc.constantFrom(...files), edits, (file, steps) => {
      const text = Buffer.from(steps.reduce(edit, Buffer.from(file))).toString('latin1');
      for (const use of uses) {
        const pair = attempt(() => parsePrivateKey(use, text));
        if (pair) expect(parsePrivateKey(use, privateKeyPem(use, pair))).toEqual(pair);
        attempt(() => parsePublicKey(use, text));
      }
    });

    expect(outcome(isSound)).toEqual(HOLDS);
  });

  test('noise is refused, in a banner or out of it', () => {
    const banners = files.map((file) => file.split('\n')[0]?.slice(11, -5) ?? '');
    const isRefused = fc.property(
      fc.constantFrom(...banners),
      fc.uint8Array({ maxLength: 31 }),
      fc.string(),
      (banner, bytes, text) => {
        const files = [encodePem(banner as Banner, bytes), text];
        return files.every((file) => readAll(file).every((read) => read === undefined));
      },
    );

    expect(outcome(isRefused)).toEqual(HOLDS);
  });

  test.each<[string, string]>([
    ['nothing', ''],
    ['a key of zeros', encodePem('NEBULA P256 PRIVATE KEY', Buffer.alloc(32))],
    ['a scalar beyond the order', encodePem('NEBULA P256 PRIVATE KEY', Buffer.alloc(32, 0xff))],
    ['two halves that differ', encodePem('NEBULA ED25519 PRIVATE KEY', Buffer.alloc(64, 7))],
    ['two keys', (files[0] ?? '').repeat(2)],
    ['a certificate', encodePem('NEBULA CERTIFICATE', Buffer.alloc(32))],
    ['a megabyte', encodePem('NEBULA X25519 PRIVATE KEY', Buffer.alloc(1_000_000))],
    ['a banner without an end', '-----BEGIN NEBULA X25519 PRIVATE KEY-----\nAAAA'],
  ])('%s is refused', (_, text) => {
    expect(readAll(text)).toEqual([undefined, undefined, undefined, undefined]);
  });
});

const repeat = (hex: string, length: number) => Buffer.alloc(length, Buffer.from(hex, 'hex'));

describe('nothing takes long to be refused', () => {
  test.each<[string, Uint8Array]>([
    ['nothing', Buffer.alloc(0)],
    ['too much', Buffer.alloc(65_537)],
    ['zeros', Buffer.alloc(65_536)],
    ['a varint without an end', repeat('ff', 65_536)],
    ['many empty fields', repeat('0a00', 65_536)],
    ['many empty groups', Buffer.concat([Buffer.from('0afdff03', 'hex'), repeat('2200', 65_532)])],
    ['fields within fields', nested((inner) => repeatedField(1, inner))],
    ['a length beyond the end', Buffer.from('0affffffff0f', 'hex')],
    ['a length beyond numbers', Buffer.from('0affffffffffffffffff01', 'hex')],
    ['an indefinite length', Buffer.from('3080a0800000', 'hex')],
    ['a length of 4 GB', Buffer.from('3084ffffffff', 'hex')],
    ['elements within elements', nested((inner) => element(0xa0, inner))],
    ['many elements', Buffer.concat([Buffer.from('3082fffc', 'hex'), repeat('a000', 65_532)])],
    [
      'a number of 64 KiB',
      Buffer.concat([Buffer.from('3082fffca082fff88582fff4', 'hex'), repeat('7f', 65_524)]),
    ],
    ['tags of many bytes', repeat('bf', 65_536)],
  ])('%s', (_, bytes) => {
    const started = performance.now();

    expect(decode(1, bytes)).toBeUndefined();
    expect(decode(2, bytes)).toBeUndefined();
    expect(performance.now() - started).toBeLessThan(500);
  });

  test('PEM of blank lines, of comments, of lines without an end', () => {
    const started = performance.now();
    for (const text of ['\n', '#\n', ' ', '-', '-----BEGIN NEBULA CERTIFICATE-----\n'])
      attempt(() => parseCertificates(text.repeat(999_000 / text.length)));

    expect(performance.now() - started).toBeLessThan(1_000);
  });
});

function nested(wrap: (inner: Uint8Array) => Uint8Array): Uint8Array {
  let bytes: Uint8Array = Buffer.alloc(0);
  while (bytes.length < 20_000) bytes = wrap(bytes);
  return bytes;
}
