/** The keys that hosts send for their tunnels: raw, base64url, their curve told by their length. Pure. */
import { Problem } from '@cep/contracts/problems';
import type { Curve } from '@cep/nebula/details';
import { publicKeyLength } from '@cep/nebula/details';
import { isHostPublicKey } from '@cep/nebula/keys';

const curveOf = (tunnelKey: string): Curve =>
  Buffer.from(tunnelKey, 'base64url').length === publicKeyLength('p256') ? 'p256' : 'curve25519';

/** @throws {Problem} `invalid-request` for what is a public key of no curve */
export function checkTunnelKey(tunnelKey: string): void {
  if (isHostPublicKey(curveOf(tunnelKey), Buffer.from(tunnelKey, 'base64url'))) return;
  throw new Problem('invalid-request', 'body/tunnelKey is not a public key of X25519 or P-256.');
}

/** @throws {Problem} `wrong-curve`, whose member `curve` says which is right */
export function checkCurve(
  { name, curve }: { readonly name: string; readonly curve: Curve },
  tunnelKey: string,
): void {
  if (curveOf(tunnelKey) === curve) return;
  const sentence = `The network "${name}" needs a key of ${curve === 'p256' ? 'P-256' : 'X25519'}.`;
  throw new Problem('wrong-curve', sentence, { members: { curve } });
}
