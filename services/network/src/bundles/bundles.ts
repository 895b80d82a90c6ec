/**
 * Signed bundles. They are compiled when they are sent, from what the records say at that moment; a
 * change only counts up the versions of those that it touches, and says so to every replica.
 */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { together } from '@cep/database/together';
import { type Db, snapshot, type Tx } from '@cep/database/transaction';
import { packNames } from '@cep/dns/network-names';
import type { Sealer } from '@cep/sealing/sealer';
import type { Pool } from 'pg';
import { trustedAuthorities } from '../authorities/authorities.ts';
import { findRevoked } from '../authorities/store.ts';
import { findLandmarks } from '../hosts/store.ts';
import { getNetworkById } from '../networks/store.ts';
import { compiler } from '../policies/compile.ts';
import { findPolicy } from '../policies/store.ts';
import { networkNames } from '../records/network-names.ts';
import { compileOwn, compileShared, type HostSources, type NetworkSources } from './compile.ts';
import { bundleSigner, makeBundleKey, type SignedPieces } from './sign.ts';
import * as store from './store.ts';

export async function createBundleKey(tx: Tx, sealer: Sealer, networkId: string): Promise<void> {
  const { publicKey, privateKey } = makeBundleKey();
  const sealedKey = sealer.seal(privateKey, purpose(networkId));
  privateKey.fill(0);
  await store.insertBundleKey(tx, { networkId, publicKey, sealedKey });
}

/** How many are signed before others have a turn: a few milliseconds' worth. */
const BATCH = 20;

/** What there is for one host: a bundle; or it was revoked or deleted, or has more than there is. */
export type Update = { readonly hostId: string } & (
  | { readonly is: 'newer'; readonly version: number; readonly bundle: SignedPieces }
  | { readonly is: 'gone' }
  | { readonly is: 'ahead' }
);

/**
 * Compiles, one after the other, the bundles of those hosts that have an older one. Other hosts are
 * named, too, unless they have the newest.
 */
export async function* newerBundles(
  db: Pool,
  sealer: Sealer,
  networkId: string,
  holdings: readonly store.Holding[],
): AsyncGenerator<Update> {
  const having = new Map(holdings.map(({ hostId, have }) => [hostId, have]));
  const { newer, ahead, gone, sources } = await snapshot(db, async (tx) => {
    const [others, gone] = await together(
      store.findOthers(tx, networkId, holdings),
      store.findGone(tx, holdings),
    );
    const isNewer = ({ id, version }: HostSources) => version > (having.get(id) ?? -1);
    const found = others.filter(isNewer);
    return {
      newer: found,
      ahead: others.filter((host) => !isNewer(host)),
      gone,
      sources: found.length > 0 ? await networkSources(tx, sealer, networkId) : undefined,
    };
  });
  for (const hostId of gone) yield { hostId, is: 'gone' };
  for (const { id } of ahead) yield { hostId: id, is: 'ahead' };
  if (sources === undefined) return;
  const now = new Date();
  const sign = bundleSigner(compileShared(sources), sources.key);
  for (const [index, host] of newer.entries()) {
    // What was signed is sent while the next ones are.
    if (index % BATCH === 0) await setImmediate();
    const bundle = sign(compileOwn(sources, host, now));
    yield { hostId: host.id, is: 'newer', version: host.version, bundle };
  }
}

/** What the bundles of all hosts of a network are made of, and the key that signs them. */
export async function networkSources(
  tx: Tx,
  sealer: Sealer,
  networkId: string,
): Promise<NetworkSources & { readonly key: KeyObject; readonly public_key: string }> {
  const [network, bundleKey, authorities, revoked, landmarks, { policy }] = await together(
    getNetworkById(tx, networkId),
    store.getBundleKey(tx, networkId),
    trustedAuthorities(tx, networkId),
    findRevoked(tx, networkId),
    findLandmarks(tx, networkId),
    findPolicy(tx, networkId),
  );
  const { public_key, sealed_key } = bundleKey;
  const privateKey = sealer.open(sealed_key, purpose(networkId));
  const key = createPrivateKey({ key: privateKey, format: 'der', type: 'pkcs8' });
  privateKey.fill(0);
  return {
    ...{ network, authorities, revoked, landmarks },
    rulesOf: compiler(policy),
    names: packNames(await networkNames(tx, network)),
    ...{ key, public_key },
  };
}

/** Above this many hosts a notice names only their network: PostgreSQL takes 8,000 bytes. */
const MAX_NAMED = 100;

/**
 * Says that this transaction changes the bundles of these hosts of one network, and of no others:
 * each gets a version of its own, and those that are connected get it when the transaction commits.
 */
export async function touchHosts(
  tx: Tx,
  networkId: string,
  hostIds: readonly string[],
): Promise<void> {
  if (hostIds.length === 0) return;
  const named = hostIds.length > MAX_NAMED ? [] : hostIds;
  await store.countUpHosts(tx, hostIds, { networkId, hostIds: named });
}

/** As {@link touchHosts}, of every host of the network. */
export async function touchNetwork(tx: Tx, networkId: string): Promise<void> {
  await store.countUpNetwork(tx, networkId);
}

/** @throws {Error} when the keys in the database are sealed under another master key */
export async function checkMasterKey(db: Db, sealer: Sealer): Promise<void> {
  const key = await store.findAnyBundleKey(db);
  if (key === undefined) return;
  try {
    sealer.open(key.sealed_key, purpose(key.network_id));
  } catch (cause) {
    const sentence =
      'MASTER_KEY is not the key that the networks in this database are sealed under.';
    throw new Error(sentence, { cause });
  }
}

const purpose = (networkId: string) => `bundle-key:${networkId}`;
