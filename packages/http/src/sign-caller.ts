import { createPrivateKey } from 'node:crypto';
import type { Caller } from '@cep/contracts/caller';
import { SignJWT } from 'jose';

/** Long enough to cross the house, too short to be worth stealing. */
const LIFETIME_SECONDS = 60;

/** Turns a caller into a token that one service accepts; the counterpart of `authenticate`. */
export type SignCaller = (caller: Caller, audience: string) => Promise<string>;

/** @param privateKey  the gateway's, Ed25519, PKCS #8, as PEM; it exists in the gateway alone */
export function callerSigner(privateKey: string): SignCaller {
  const key = createPrivateKey(privateKey);
  return (caller, audience) =>
    new SignJWT({ caller })
      .setProtectedHeader({ alg: 'EdDSA' })
      .setIssuer('gateway')
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(`${LIFETIME_SECONDS}s`)
      .sign(key);
}
