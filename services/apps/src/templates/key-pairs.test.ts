import { createPrivateKey, createPublicKey, createVerify, sign, verify } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { makePair, publicHalf } from './key-pairs.ts';

const said = Buffer.from('something said');

test.each(['rsa', 'ed25519'] as const)(
  'what the private half of %s signs, the public one proves',
  (kind) => {
    const mine = makePair(kind);
    const digest = kind === 'rsa' ? 'sha256' : null;

    expect(mine).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    expect(publicHalf('KEY', kind, mine)).toMatch(/^-----BEGIN PUBLIC KEY-----\n/);
    const signature = sign(digest, said, mine);
    expect(verify(digest, said, publicHalf('KEY', kind, mine), signature)).toBe(true);
    expect(verify(digest, said, publicHalf('KEY', kind, makePair(kind)), signature)).toBe(false);
  },
);

test('the halves of VAPID are those of one key, as browsers take them', () => {
  const mine = makePair('vapid');
  const point = Buffer.from(publicHalf('KEY', 'vapid', mine), 'base64url');

  expect(Buffer.from(mine, 'base64url')).toHaveLength(32);
  expect(point).toHaveLength(65);
  expect(point[0]).toBe(4);
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((each) =>
    each.toString('base64url'),
  );
  const jwk = { kty: 'EC', crv: 'P-256', x, y };
  const key = createPrivateKey({ key: { ...jwk, d: mine }, format: 'jwk' });
  const signature = sign('sha256', said, key);
  const proof = createVerify('sha256').update(said);
  expect(proof.verify(createPublicKey({ key: jwk, format: 'jwk' }), signature)).toBe(true);
});

test('a key of one’s own has to be one, and its value is not told', () => {
  const ed25519 = makePair('ed25519');

  expect(() => publicHalf('KEY', 'rsa', ed25519)).toThrow(
    'Parameter KEY must be an RSA private key in PEM.',
  );
  expect(() => publicHalf('KEY', 'ed25519', 'hunter2')).toThrow(
    /^Parameter KEY must be an Ed25519 private key in PEM\.$/,
  );
  expect(() => publicHalf('KEY', 'vapid', 'A'.repeat(43))).toThrow('must be a VAPID private key');
  expect(() => publicHalf('KEY', 'vapid', 'short')).toThrow('must be a VAPID private key');
});
