import { describe, expect, test } from '@jest/globals';
import { hashOf, looksLikeSecret, newSecret } from './secrets.ts';

describe('a secret', () => {
  test('is recognised as one, and is never the same twice', () => {
    const secret = newSecret();

    expect(looksLikeSecret(secret)).toBe(true);
    expect(newSecret()).not.toBe(secret);
  });

  test('is kept as its SHA-256 (FIPS 180-2, appendix B.1)', () => {
    expect(hashOf('abc').toString('hex')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });

  test.each([
    '',
    'cep_',
    `cep_${'a'.repeat(42)}`,
    `cep_${'a'.repeat(44)}`,
    `cep_${'ä'.repeat(43)}`,
  ])('is not %j', (text) => {
    expect(looksLikeSecret(text)).toBe(false);
  });
});
