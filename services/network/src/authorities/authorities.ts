/** What a network's certificate authority does. Its key is in clear only while it signs. */
import type { Db, Tx } from '@cep/database/transaction';
import { versionsFor } from '@cep/nebula/lint';
import type { Sealer } from '@cep/sealing/sealer';
import { networksOf } from '../hosts/addresses.ts';
import { rangesOf } from '../networks/ranges.ts';
import type { NetworkRow } from '../networks/store.ts';
import { certify, type Issued, makeAuthority, openAuthority } from './issue.ts';
import { findTrusted, getAuthority, insertAuthority, insertCertificate } from './store.ts';

/** @param state  `next` for one that is yet to be trusted everywhere before it signs */
export async function createAuthority(
  tx: Tx,
  sealer: Sealer,
  network: NetworkRow,
  { days, state = 'current' }: { readonly days: number; readonly state?: 'current' | 'next' },
): Promise<Issued> {
  const { privateKey, ...issued } = makeAuthority(
    { ...network, ranges: rangesOf(network) },
    { now: new Date(), days },
  );
  const sealedKey = sealer.seal(privateKey, purpose(issued.fingerprint));
  privateKey.fill(0);
  await insertAuthority(tx, network.id, { ...issued, sealedKey, state });
  return issued;
}

interface Holder {
  readonly id: string;
  readonly name: string;
  readonly ordinal: number;
  readonly address: string;
  readonly groups: readonly string[];
  /** As its machine said last; null: it did not. */
  readonly nebulaVersion: string | null;
}

interface Request {
  readonly host: Holder;
  /** Raw, base64url, of the network's curve. */
  readonly tunnelKey: string;
}

/**
 * Issues certificates to hosts of one network, each what its nebula reads, and keeps them; those that
 * a host had before stay as they are.
 */
export async function certifyHosts(
  tx: Tx,
  sealer: Sealer,
  { network, days }: { readonly network: NetworkRow; readonly days: number },
  requests: readonly Request[],
): Promise<void> {
  const networkId = network.id;
  const { fingerprint, sealed_key, ...certificates } = await getAuthority(tx, networkId);
  const key = sealer.open(sealed_key, purpose(fingerprint));
  const authority = openAuthority(certificates, key);
  for (const { host, tunnelKey } of requests) {
    const { id, ordinal, name, groups, address, nebulaVersion } = host;
    const request = {
      ...{ name, groups, networks: networksOf(network, address) },
      versions: versionsFor(network, nebulaVersion),
      publicKey: Buffer.from(tunnelKey, 'base64url'),
    };
    // No fingerprint twice: one that was revoked must not come back with the groups it had.
    for (let now = new Date(); ; now = new Date(now.getTime() + 1000)) {
      const issued = certify(authority, request, { now, days });
      const holder = { networkId, hostId: id, ordinal };
      if (await insertCertificate(tx, holder, { ...issued, authority: fingerprint })) break;
    }
  }
  key.fill(0);
}

/** The PEM of every authority that members of the network trust, by version. */
export async function trustedAuthorities(
  db: Db,
  networkId: string,
): Promise<{ readonly first: string; readonly second: string }> {
  const trusted = await findTrusted(db, networkId);
  return {
    first: trusted.map(({ certificate }) => certificate).join(''),
    second: trusted.map(({ certificateV2 }) => certificateV2 ?? '').join(''),
  };
}

const purpose = (fingerprint: string) => `authority-key:${fingerprint}`;
