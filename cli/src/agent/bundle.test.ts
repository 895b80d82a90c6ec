import { generateKeyPairSync } from 'node:crypto';
import type { Bundle } from '@cep/contracts/bundle';
import { expect, test } from '@jest/globals';
import { CompactSign } from 'jose';
import { openBundle } from './bundle.ts';

const id = '7f1a6a0e-5a55-4c0b-9d9a-0a4c9d2b8f11';
const plain = { relay: false, interface: true, port: null };
const bundle: Bundle = {
  ...{ version: 3, issuedAt: new Date(0).toISOString(), certificate: 'PEM', authorities: 'PEM' },
  network: { id, name: 'home', cidr: '10.42.0.0/16' },
  host: { id, name: 'laptop', address: '10.42.0.2/16', lighthouse: false, ...plain },
  ...{ blocklist: [], lighthouses: [], relays: [], inbound: [] },
};
const laptop = { network: 'home', host: 'laptop' };
const keys = generateKeyPairSync('ed25519');
const bundleKey = keys.publicKey.export({ format: 'jwk' }).x ?? '';

async function sign(content: object, key = keys.privateKey) {
  const text = Buffer.from(JSON.stringify(content));
  return {
    bundle: await new CompactSign(text).setProtectedHeader({ alg: 'EdDSA' }).sign(key),
    bundleKey,
  };
}

test('opens what is signed, for this host, and newer', async () => {
  const current = { ...bundle, version: 2 };

  expect(await openBundle(await sign(bundle), { ...laptop, current })).toEqual(bundle);
});

test.each([
  ['another host’s', { network: 'home', host: 'phone' }],
  ['another network’s', { network: 'work', host: 'laptop' }],
  ['an older one', { ...laptop, current: { ...bundle, version: 4 } }],
])('refuses %s', async (_, expected) => {
  await expect(openBundle(await sign(bundle), expected)).rejects.toThrow('nothing was changed');
});

test.each([
  ['signed by somebody else', () => sign(bundle, generateKeyPairSync('ed25519').privateKey)],
  ['with a member missing', () => sign({ ...bundle, certificate: undefined })],
  ['that is no bundle', async () => ({ bundle: 'a.b.c', bundleKey })],
])('refuses one %s', async (_, make) => {
  await expect(openBundle(await make(), laptop)).rejects.toThrow('not signed as it should be');
});
