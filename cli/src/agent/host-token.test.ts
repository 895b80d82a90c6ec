import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { hostToken } from './host-token.ts';

test('a token names the host twice, is for cep alone, and is good for a minute', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  const now = new Date(1_800_000_000_500);

  const token = await hostToken('the-host', pem, now);

  const { payload } = await jwtVerify(token, publicKey, { currentDate: now });
  expect(decodeProtectedHeader(token)).toEqual({ alg: 'EdDSA', kid: 'the-host' });
  expect(payload).toEqual({
    ...{ iss: 'host', sub: 'the-host', aud: 'cep' },
    ...{ iat: 1_800_000_000, exp: 1_800_000_060 },
  });
});
