/** What can be done with networks. A change is one transaction, and states what it changed. */
import type { UserCaller } from '@cep/contracts/caller';
import type { Input, Reply } from '@cep/contracts/endpoint';
import { HostDeleted } from '@cep/contracts/hosts';
import * as contract from '@cep/contracts/networks';
import { Problem } from '@cep/contracts/problems';
import { transaction } from '@cep/database/transaction';
import { publish } from '@cep/messaging/outbox';
import { checkCombination } from '@cep/nebula/lint';
import { createAuthority } from '../authorities/authorities.ts';
import { createBundleKey, touchNetwork } from '../bundles/bundles.ts';
import type { Deps } from '../deps.ts';
import { address6Of } from '../hosts/addresses.ts';
import { endpointsOf } from '../hosts/landmarks.ts';
import { findHosts, findLandmarks } from '../hosts/store.ts';
import { checkRange, checkRange6, chooseRange, chooseRange6 } from './ranges.ts';
import { settingsOf } from './settings.ts';
import * as store from './store.ts';

/** The network, its authority and its bundle key come into being together, or not at all. */
export async function createNetwork(
  { db, sealer, lifetimes }: Deps,
  { body }: Input<typeof contract.createNetwork>,
  { projectId }: UserCaller,
): Promise<contract.Network> {
  if (body.cidr !== undefined) checkRange(body.cidr);
  if (body.cidr6 !== undefined) checkRange6(body.cidr6);
  return transaction(db, async (tx) => {
    await store.lockNetworks(tx);
    const wanted = chosen(body, await store.findTakenRanges(tx));
    checkCombination({ network: settingsOf(wanted) });
    const { id, createdAt } = await store.insertNetwork(tx, { projectId, ...wanted });
    const network = { id, ...wanted };
    const days = lifetimes.authorityDays;
    const { fingerprint, notAfter } = await createAuthority(tx, sealer, network, { days });
    await createBundleKey(tx, sealer, id);
    const { name, cidr } = wanted;
    await publish(tx, contract.NetworkCreated, { networkId: id, projectId, name, cidr });
    const authority = { fingerprint, expiresAt: notAfter.toISOString() };
    return { ...network, hosts: 0, authority, createdAt };
  });
}

/** What was asked for, and where nothing was, what is free. */
function chosen(
  body: Input<typeof contract.createNetwork>['body'],
  taken: readonly string[],
): Omit<store.NetworkRow, 'id'> {
  const { name, cidr, cidr6, certificateVersion = 1, curve = 'curve25519' } = body;
  return {
    ...{ name, certificateVersion, curve, cidr: cidr ?? chooseRange(taken, Math.random()) },
    cidr6: cidr6 ?? (certificateVersion === 2 ? chooseRange6() : null),
  };
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
        address6: address6Of(network, each.address),
        endpoint: endpointsOf(each).join(),
      })),
  };
}
