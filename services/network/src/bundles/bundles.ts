/**
 * Signed bundles. They are compiled when they are sent, from what the records say at that moment; a
 * change only counts up the versions of those that it touches, and says so to every replica.
 */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { type Db, snapshot, type Tx } from '@cep/database/transaction';
import type { Sealer } from '@cep/sealing/sealer';
import type { Pool } from 'pg';
import { trustedAuthorities } from '../authorities/authorities.ts';
import { findRevoked } from '../authorities/store.ts';
import { findLandmarks } from '../hosts/store.ts';
import { getNetworkById } from '../networks/store.ts';
import { compiler } from '../policies/compile.ts';
import { findPolicy } from '../policies/store.ts';
import { compileBundle, type NetworkSources } from './compile.ts';
import { makeBundleKey, signBundle } from './sign.ts';
import * as store from './store.ts';

export async function createBundleKey(tx: Tx, sealer: Sealer, networkId: string): Promise<void> {
  const { publicKey, privateKey } = makeBundleKey();
  const sealedKey = sealer.seal(privateKey, purpose(networkId));
  privateKey.fill(0);
  await store.insertBundleKey(tx, { networkId, publicKey, sealedKey });
}

interface SignedBundle {
  /** Compact JWS. */
  readonly bundle: string;
  /** Raw, base64url. */
  readonly bundleKey: string;
}

/** What an enrolled host is to be, with the changes that this transaction made. */
export async function currentBundle(
  tx: Tx,
  sealer: Sealer,
  { networkId, hostId }: { readonly networkId: string; readonly hostId: string },
): Promise<SignedBundle> {
  // Its version is read before its contents: they may be newer than the version says, never older.
  const [host] = await store.findNewer(tx, networkId, [{ hostId, have: -1 }]);
  if (host === undefined) throw new Error(`no certificate for host ${hostId}`);
  const { public_key, key, ...sources } = await networkSources(tx, sealer, networkId);
  const bundle = signBundle(compileBundle(sources, host, new Date()), key);
  return { bundle, bundleKey: public_key };
}

/** How many are signed before others have a turn: a few milliseconds' worth. */
const BATCH = 20;

/** What there is for one host. */
export interface Update {
  readonly hostId: string;
  /** Nothing when the host is gone. */
  readonly next?: { readonly version: number; readonly bundle: string };
}

/**
 * Compiles, one after the other, the bundles of those hosts that have an older one. Hosts that were
 * revoked or deleted are named, too; for those with the newest there is nothing.
 */
export async function* newerBundles(
  db: Pool,
  sealer: Sealer,
  networkId: string,
  holdings: readonly store.Holding[],
): AsyncGenerator<Update> {
  const { hosts, gone, sources } = await snapshot(db, async (tx) => {
    const newer = await store.findNewer(tx, networkId, holdings);
    return {
      hosts: newer,
      gone: await store.findGone(tx, holdings),
      sources: newer.length > 0 ? await networkSources(tx, sealer, networkId) : undefined,
    };
  });
  for (const hostId of gone) yield { hostId };
  if (sources === undefined) return;
  const now = new Date();
  for (const [index, host] of hosts.entries()) {
    // What was signed is sent while the next ones are.
    if (index % BATCH === 0) await setImmediate();
    const bundle = signBundle(compileBundle(sources, host, now), sources.key);
    yield { hostId: host.id, next: { version: host.version, bundle } };
  }
}

async function networkSources(
  tx: Tx,
  sealer: Sealer,
  networkId: string,
): Promise<NetworkSources & { readonly key: KeyObject; readonly public_key: string }> {
  const network = await getNetworkById(tx, networkId);
  const { public_key, sealed_key } = await store.getBundleKey(tx, networkId);
  const privateKey = sealer.open(sealed_key, purpose(networkId));
  const key = createPrivateKey({ key: privateKey, format: 'der', type: 'pkcs8' });
  privateKey.fill(0);
  return {
    network,
    authorities: await trustedAuthorities(tx, networkId),
    revoked: await findRevoked(tx, networkId),
    landmarks: await findLandmarks(tx, networkId),
    inboundOf: compiler((await findPolicy(tx, networkId)).policy),
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
  await store.countUpHosts(tx, hostIds);
  await store.notify(tx, { networkId, hostIds: hostIds.length > MAX_NAMED ? [] : hostIds });
}

/** As {@link touchHosts}, of every host of the network. */
export async function touchNetwork(tx: Tx, networkId: string): Promise<void> {
  await store.countUpNetwork(tx, networkId);
  await store.notify(tx, { networkId, hostIds: [] });
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
