/** What can be done with networks. A change is one transaction, and states what it changed. */
import type { UserCaller } from '@cep/contracts/caller';
import type { Input, Reply } from '@cep/contracts/endpoint';
import { HostDeleted } from '@cep/contracts/hosts';
import * as contract from '@cep/contracts/networks';
import { Problem } from '@cep/contracts/problems';
import { transaction } from '@cep/database/transaction';
import { publish } from '@cep/messaging/outbox';
import { createAuthority } from '../authorities/authorities.ts';
import { createBundleKey, touchNetwork } from '../bundles/bundles.ts';
import type { Deps } from '../deps.ts';
import { endpointsOf } from '../hosts/landmarks.ts';
import { findHosts, findLandmarks } from '../hosts/store.ts';
import { checkRange, chooseRange } from './ranges.ts';
import * as store from './store.ts';

/** The network, its authority and its bundle key come into being together, or not at all. */
export async function createNetwork(
  { db, sealer, lifetimes }: Deps,
  { body: { name, cidr: wanted } }: Input<typeof contract.createNetwork>,
  { projectId }: UserCaller,
): Promise<contract.Network> {
  if (wanted !== undefined) checkRange(wanted);
  return transaction(db, async (tx) => {
    await store.lockNetworks(tx);
    const cidr = wanted ?? chooseRange(await store.findTakenRanges(tx), Math.random());
    const { id, createdAt } = await store.insertNetwork(tx, { projectId, name, cidr });
    const days = lifetimes.authorityDays;
    const { fingerprint, notAfter } = await createAuthority(
      tx,
      sealer,
      { id, name, cidr },
      { days },
    );
    await createBundleKey(tx, sealer, id);
    await publish(tx, contract.NetworkCreated, { networkId: id, projectId, name, cidr });
    const authority = { fingerprint, expiresAt: notAfter.toISOString() };
    return { id, name, cidr, hosts: 0, authority, createdAt };
  });
}

export async function listNetworks(
  { db }: Deps,
  { projectId }: UserCaller,
): Promise<Reply<typeof contract.listNetworks>> {
  return { networks: await store.findNetworks(db, projectId) };
}

export async function getNetwork(
  { db }: Deps,
  { params }: Input<typeof contract.getNetwork>,
  { projectId }: UserCaller,
): Promise<contract.Network> {
  const [network] = await store.findNetworks(db, projectId, params.network);
  return network ?? store.noSuchNetwork(params.network);
}

export async function deleteNetwork(
  { db }: Deps,
  { params, query }: Input<typeof contract.deleteNetwork>,
  { projectId }: UserCaller,
): Promise<undefined> {
  await transaction(db, async (tx) => {
    const network = await store.lockNetwork(tx, projectId, params.network);
    const hosts = await findHosts(tx, network);
    if (hosts.length > 0 && !query.force) {
      throw new Problem(
        'network-in-use',
        `The network "${network.name}" has ${hosts.length} host${hosts.length === 1 ? '' : 's'}: delete them first, or delete it with --force.`,
      );
    }
    await touchNetwork(tx, network.id);
    await store.deleteNetwork(tx, network.id);
    for (const host of hosts) {
      await publish(tx, HostDeleted, { hostId: host.id, networkId: network.id });
    }
    await publish(tx, contract.NetworkDeleted, { networkId: network.id });
  });
}

export async function listLighthouses(
  { db }: Deps,
  { params }: Input<typeof contract.listLighthouses>,
  { projectId }: UserCaller,
): Promise<Reply<typeof contract.listLighthouses>> {
  const network = await store.getNetwork(db, projectId, params.network);
  const landmarks = await findLandmarks(db, network.id);
  return {
    lighthouses: landmarks
      .filter(({ lighthouse }) => lighthouse)
      .map((each) => ({
        name: each.name,
        address: each.address,
        endpoint: endpointsOf(each).join(),
      })),
  };
}
