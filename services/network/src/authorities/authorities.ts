/** What a network's certificate authority does. Its key is in clear only while it signs. */
import type { Db, Tx } from '@cep/database/transaction';
import type { Sealer } from '@cep/sealing/sealer';
import { certify, type Issued, makeAuthority, openAuthority } from './issue.ts';
import { findTrusted, getAuthority, insertAuthority, insertCertificate } from './store.ts';

interface Network {
  readonly id: string;
  readonly name: string;
  readonly cidr: string;
}

/** @param state  `next` for one that is yet to be trusted everywhere before it signs */
export async function createAuthority(
  tx: Tx,
  sealer: Sealer,
  network: Network,
  { days, state = 'current' }: { readonly days: number; readonly state?: 'current' | 'next' },
): Promise<Issued> {
  const { privateKey, ...issued } = makeAuthority(network, { now: new Date(), days });
  const sealedKey = sealer.seal(privateKey, purpose(issued.fingerprint));
  privateKey.fill(0);
  await insertAuthority(tx, network.id, { ...issued, sealedKey, state });
  return issued;
}

interface Holder {
  readonly id: string;
  readonly name: string;
  readonly ordinal: number;
  /** With the network's prefix. */
  readonly address: string;
  readonly groups: readonly string[];
}

interface Request {
  readonly host: Holder;
  /** X25519, raw, base64url. */
  readonly tunnelKey: string;
}

/**
 * Issues certificates to hosts of one network and keeps them; those that a host had before stay as
 * they are.
 */
export async function certifyHosts(
  tx: Tx,
  sealer: Sealer,
  { networkId, days }: { readonly networkId: string; readonly days: number },
  requests: readonly Request[],
): Promise<void> {
  const { fingerprint, certificate, sealed_key } = await getAuthority(tx, networkId);
  const key = sealer.open(sealed_key, purpose(fingerprint));
  const authority = openAuthority(certificate, key);
  for (const { host, tunnelKey } of requests) {
    const { id, ordinal, ...rest } = host;
    const request = { ...rest, publicKey: Buffer.from(tunnelKey, 'base64url') };
    // No fingerprint twice: one that was revoked must not come back with the groups it had.
    for (let now = new Date(); ; now = new Date(now.getTime() + 1000)) {
      const issued = certify(authority, request, { now, days });
      const holder = { networkId, hostId: id, ordinal };
      if (await insertCertificate(tx, holder, { ...issued, authority: fingerprint })) break;
    }
  }
  key.fill(0);
}

/** The PEM of every authority that members of the network trust. */
export const trustedAuthorities = async (db: Db, networkId: string): Promise<string> =>
  (await findTrusted(db, networkId)).map(({ certificate }) => certificate).join('');

const purpose = (fingerprint: string) => `authority-key:${fingerprint}`;
