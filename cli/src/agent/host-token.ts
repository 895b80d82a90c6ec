import { createPrivateKey } from 'node:crypto';
import { HOST_TOKEN_SECONDS } from '@cep/contracts/agents';
import { SignJWT } from 'jose';

/**
 * Proves for one request that this machine is the host.
 *
 * @param signingKey  Ed25519, PKCS #8, as PEM
 */
export function hostToken(hostId: string, signingKey: string, now = new Date()): Promise<string> {
  const issuedAt = Math.floor(now.getTime() / 1000);
  return new SignJWT()
    .setProtectedHeader({ alg: 'EdDSA', kid: hostId })
    .setIssuer('host')
    .setSubject(hostId)
    .setAudience('cep')
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + HOST_TOKEN_SECONDS)
    .sign(createPrivateKey(signingKey));
}
