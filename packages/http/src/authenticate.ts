import { createPublicKey } from 'node:crypto';
import type { Caller } from '@cep/contracts/caller';
import { Problem } from '@cep/contracts/problems';
import type { RequestHandler } from 'express';
import { jwtVerify } from 'jose';

/**
 * Establishes the caller from a token that the gateway signed for this service alone. Services hold
 * only the gateway's public key: one that is broken into cannot speak for anybody to another.
 *
 * @param publicKey  Ed25519, SPKI, as PEM
 * @param audience   this service's name; a token for another service is refused
 */
export function authenticate(publicKey: string, audience: string): RequestHandler {
  const key = createPublicKey(publicKey);
  const expected = { issuer: 'gateway', audience, algorithms: ['EdDSA'], requiredClaims: ['exp'] };

  return async (req, res, next) => {
    const token = req.get('authorization')?.slice('Bearer '.length) ?? '';
    const { payload } = await jwtVerify<{ caller: Caller }>(token, key, expected).catch((cause) => {
      throw new Problem('not-signed-in', 'The access token is missing or not valid.', { cause });
    });
    res.locals.caller = payload.caller;
    next();
  };
}
