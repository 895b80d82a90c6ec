/** What can be done with hosts. A change is one transaction, and states what it changed. */
import { randomUUID } from 'node:crypto';
import type { UserCaller } from '@cep/contracts/caller';
import type { Input, Reply } from '@cep/contracts/endpoint';
import * as contract from '@cep/contracts/hosts';
import { Problem } from '@cep/contracts/problems';
import { together } from '@cep/database/together';
import { type Tx, transaction } from '@cep/database/transaction';
import { publish } from '@cep/messaging/outbox';
import { checkCombination } from '@cep/nebula/lint';
import { revokeCertificates } from '../authorities/store.ts';
import { touchHosts, touchNetwork } from '../bundles/bundles.ts';
import type { Deps } from '../deps.ts';
import { giveCode } from '../enrolments/enrolments.ts';
import { deleteEnrolment } from '../enrolments/store.ts';
import {
  findRanges,
  getNetwork,
  lockNetwork,
  lockNetworkToAdd,
  type NetworkRow,
} from '../networks/store.ts';
import { passOn, refuseTaken } from '../records/names.ts';
import { addressAt, nextOrdinal, ordinalOf } from './addresses.ts';
import { changeOf, edited } from './changes.ts';
import { combinationOf } from './fitness.ts';
import { checkWords } from './names.ts';
import { freePort, reachable } from './public-address.ts';
import { recertifyHost } from './recertify.ts';
import type { Role } from './role.ts';
import * as store from './store.ts';

/** Reserves the name and an address, the lowest that is free unless one is asked for. */
export async function createHost(
  { db }: Deps,
  { params, body }: Input<typeof contract.createHost>,
  { projectId }: UserCaller,
): Promise<Reply<typeof contract.createHost>> {
  checkWords(body);
  return transaction(db, async (tx) => {
    const network = await lockNetworkToAdd(tx, projectId, params.network);
    const overlays = body.publicAddress ? await findRanges(tx, projectId) : [];
    const role = await withPort(tx, reachable(body, overlays));
    const { name, groups } = body;
    const [, taken] = await together(
      role.lighthouse || requireLighthouse(tx, network),
      store.findOrdinals(tx, network.id),
      refuseTaken(tx, network, name, ['app', 'record']),
    );
    const ordinal = body.address
      ? ordinalOf(body.address, network, taken)
      : nextOrdinal(taken, network.cidr);
    const address = addressAt(network.cidr, ordinal);
    checkCombination(combinationOf(network, { ...role, name, groups }));
    const id = randomUUID();
    const [, host, enrolment] = await together(
      touchNetwork(tx, network.id),
      store.insertHost(tx, network, { id, name, groups, ordinal, address, ...role }),
      giveCode(tx, id),
    );
    return { host, enrolment };
  });
}

/** One that is reached at an address has a port there, unless it says which, one that is free. */
async function withPort(tx: Tx, role: Role): Promise<Role> {
  const { publicAddress, port } = role;
  if (publicAddress === null || port !== null) return role;
  return { ...role, port: freePort(await store.takePorts(tx, publicAddress)) };
}

async function requireLighthouse(tx: Tx, network: NetworkRow): Promise<void> {
  const landmarks = await store.findLandmarks(tx, network.id);
  if (landmarks.some(({ lighthouse }) => lighthouse)) return;
  throw lighthouseNeeded(
    `The network "${network.name}" has no lighthouse yet: make its first host one, with --am-lighthouse and --public-ip.`,
  );
}

export async function listHosts(
  { db }: Deps,
  { params }: Input<typeof contract.listHosts>,
  { projectId }: UserCaller,
): Promise<Reply<typeof contract.listHosts>> {
  const network = await getNetwork(db, projectId, params.network);
  return { hosts: await store.findHosts(db, network) };
}

export async function getHost(
  { db }: Deps,
  { params }: Input<typeof contract.getHost>,
  { projectId }: UserCaller,
): Promise<contract.Host> {
  const network = await getNetwork(db, projectId, params.network);
  return store.getHost(db, network, params.host);
}

/** Its certificates are revoked, its name and its address free again once they have expired. */
export async function deleteHost(
  { db }: Deps,
  { params }: Input<typeof contract.deleteHost>,
  { projectId }: UserCaller,
): Promise<undefined> {
  await transaction(db, async (tx) => {
    const network = await lockNetwork(tx, projectId, params.network);
    const host = await store.getHost(tx, network, params.host);
    await shutOut(tx, network, host);
    await store.deleteHost(tx, host.id);
    await passOn(tx, network, host.name);
    await publish(tx, contract.HostDeleted, { hostId: host.id, networkId: network.id });
  });
}

/** For good: it gets no certificate and no code any more. Asked again, it changes nothing. */
export async function revokeHost(
  { db }: Deps,
  { params }: Input<typeof contract.revokeHost>,
  { projectId }: UserCaller,
): Promise<contract.Host> {
  return transaction(db, async (tx) => {
    const network = await lockNetwork(tx, projectId, params.network);
    const host = await store.getHost(tx, network, params.host);
    if (host.state === 'revoked') return host;
    await shutOut(tx, network, host);
    await store.markRevoked(tx, host.id);
    await deleteEnrolment(tx, host.id);
    await publish(tx, contract.HostRevoked, { hostId: host.id, networkId: network.id });
    return store.getHost(tx, network, params.host);
  });
}

/** Others shut it out when this commits, and its own agent hears that it is gone. */
async function shutOut(tx: Tx, network: NetworkRow, host: contract.Host): Promise<void> {
  await keepLastLighthouse(tx, network, host, 'delete');
  await revokeCertificates(tx, host.id);
  await touchNetwork(tx, network.id);
}

async function keepLastLighthouse(
  tx: Tx,
  network: NetworkRow,
  host: contract.Host,
  verb: 'delete' | 'change',
): Promise<void> {
  if (!host.lighthouse || host.state === 'revoked') return;
  const live = (await store.findHosts(tx, network)).filter(({ state }) => state !== 'revoked');
  if (live.length === 1 && verb === 'delete') return;
  if (live.some((each) => each.lighthouse && each.id !== host.id)) return;
  throw lighthouseNeeded(
    `"${host.name}" is the last lighthouse of "${network.name}": make another one first${verb === 'delete' ? ', or delete the other hosts' : ''}.`,
  );
}

/**
 * Groups that were taken away are so at once: peers no longer accept the certificates that name them.
 */
export async function editHost(
  { db, sealer, lifetimes }: Deps,
  { params, body }: Input<typeof contract.editHost>,
  { projectId }: UserCaller,
): Promise<contract.Host> {
  checkWords(body);
  return transaction(db, async (tx) => {
    const network = await lockNetwork(tx, projectId, params.network);
    const host = await store.getHost(tx, network, params.host);
    if (host.state === 'revoked') throw new Problem('host-revoked', `"${host.name}" was revoked.`);
    const wanted = reachable(edited(host, body), await findRanges(tx, projectId));
    const role = await withPort(tx, wanted);
    if (host.lighthouse && !role.lighthouse) await keepLastLighthouse(tx, network, host, 'change');
    const groups = body.groups ?? host.groups;
    const { agent } = host;
    checkCombination(combinationOf(network, { ...host, ...role, groups }, agent.nebulaVersion));
    await store.updateHost(tx, host.id, { ...role, groups });
    const change = changeOf(host, { ...role, groups });
    const { name, groups: before } = host;
    const hasLess =
      change.groups && (await recertifyHost({ sealer, lifetimes }, tx, { network, name, before }));
    await (change.others || hasLess
      ? touchNetwork(tx, network.id)
      : touchHosts(tx, network.id, change.any ? [host.id] : []));
    if (change.any) {
      await publish(tx, contract.HostUpdated, { hostId: host.id, networkId: network.id, groups });
    }
    return store.getHost(tx, network, params.host);
  });
}

const lighthouseNeeded = (sentence: string) => new Problem('lighthouse-needed', sentence);
