import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SignJWT } from 'jose';
import { hostToken } from '../world.fixture.ts';
import { checkToken, claimedHost } from './credentials.ts';

const hostId = '00000000-0000-4000-8000-000000000001';
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const signer = { hostId, signingKey: publicKey.export({ format: 'jwk' }).x ?? '' };
const now = new Date();
const seconds = Math.floor(now.getTime() / 1000);
const DAY = 86_400;

describe('a token of a host', () => {
  test('says which host it is from, and is believed when that host signed it', async () => {
    const token = await hostToken(hostId, privateKey);

    expect(claimedHost(token)).toBe(hostId);
    await expect(checkToken(token, signer, now)).resolves.toBeUndefined();
  });

  test.each([
    ['from another issuer', { iss: 'gateway' }],
    ['for somebody else', { aud: 'network' }],
    ['of another host', { sub: '00000000-0000-4000-8000-000000000002' }],
    ['that lasts too long', { exp: seconds + 3600 }],
    ['that ended before it began', { iat: seconds, exp: seconds - 10 }],
    ['without an end', { exp: undefined }],
  ])('is refused %s', async (_, changed) => {
    const token = await hostToken(hostId, privateKey, changed);

    await expect(checkToken(token, signer, now)).rejects.toMatchObject({ code: 'not-signed-in' });
  });

  test('is refused when another key signed it, or none', async () => {
    const forged = await hostToken(hostId, generateKeyPairSync('ed25519').privateKey);
    const hmac = await new SignJWT({ sub: hostId })
      .setProtectedHeader({ alg: 'HS256', kid: hostId })
      .sign(Buffer.from(signer.signingKey, 'base64url'));

    for (const token of [forged, hmac]) {
      await expect(checkToken(token, signer, now)).rejects.toMatchObject({ code: 'not-signed-in' });
    }
    for (const token of ['', 'a.b.c', '..', hmac.replace(/^[^.]*/, 'e30')]) {
      expect(claimedHost(token)).toBeUndefined();
    }
  });

  test.each([
    ['1 day ahead', DAY, '24 hours ahead'],
    ['2 days behind', -2 * DAY, '2 days behind'],
    ['5 minutes ahead', 300, '5 minutes ahead'],
  ])('of a clock %s is told what time it is', async (_, offset, words) => {
    const iat = seconds + offset;
    const token = await hostToken(hostId, privateKey, { iat, exp: iat + 60 });

    await expect(checkToken(token, signer, now)).rejects.toMatchObject({
      code: 'wrong-clock',
      message: expect.stringContaining(words),
      members: { serverTime: now.toISOString() },
    });
  });

  test.each([-100, 100])('of a clock %i s off is good', async (offset) => {
    const iat = seconds + offset;
    const token = await hostToken(hostId, privateKey, { iat, exp: iat + 60 });

    await expect(checkToken(token, signer, now)).resolves.toBeUndefined();
  });
});
