import { createPrivateKey } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { compactVerify, importJWK } from 'jose';
import type { OwnPart, SharedPart } from './compile.ts';
import { bundleSigner, makeBundleKey, textOf } from './sign.ts';

const shared: SharedPart = { authorities: 'PEM ä', blocklist: ['ab', 'cd'], names: 'packed' };

/** @param length  of the certificate, which is as long as wanted */
const own = (length: number): OwnPart => ({
  ...{ version: length, issuedAt: '2026-01-01T00:00:00.000Z', certificate: 'ü'.repeat(length) },
  network: { id: 'n', name: 'home', cidr: '10.42.0.0/16' },
  host: {
    ...{ id: 'h', name: 'laptop', address: '10.42.0.7/16' },
    ...{ lighthouse: false, relay: false, interface: true, port: null },
  },
  ...{ lighthouses: [], relays: [], inbound: [] },
});

describe('bundles that have most of it in common', () => {
  const { publicKey, privateKey } = makeBundleKey();
  const sign = bundleSigner(
    shared,
    createPrivateKey({ key: privateKey, format: 'der', type: 'pkcs8' }),
  );

  test.each([0, 1, 2, 3, 4, 20_000, 5])('are each signed as a whole: %i', async (length) => {
    const key = await importJWK({ kty: 'OKP', crv: 'Ed25519', x: publicKey }, 'EdDSA');

    const { payload } = await compactVerify(textOf(sign(own(length))), key);

    expect(JSON.parse(Buffer.from(payload).toString())).toEqual({ ...own(length), ...shared });
  });

  test('keep that once', () => {
    expect(sign(own(1))[1]).toBe(sign(own(2))[1]);
  });
});
