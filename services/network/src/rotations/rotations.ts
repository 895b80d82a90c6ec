/**
 * Replacing a network's authority. Where it is stands in the database, and each step is one
 * transaction, so it may be stopped anywhere and goes on: at a host's report, or at the next round.
 */
import type { UserCaller } from '@cep/contracts/caller';
import type { Input } from '@cep/contracts/endpoint';
import * as contract from '@cep/contracts/rotations';
import { type Tx, transaction } from '@cep/database/transaction';
import { publish } from '@cep/messaging/outbox';
import { certifyHosts, createAuthority } from '../authorities/authorities.ts';
import { findTrusted, getAuthority, moveAuthority } from '../authorities/store.ts';
import { touchNetwork } from '../bundles/bundles.ts';
import type { Deps } from '../deps.ts';
import { findHolders } from '../hosts/holder-store.ts';
import { getHost } from '../hosts/store.ts';
import { getNetwork, lockNetwork, lockNetworkById, type NetworkRow } from '../networks/store.ts';
import { describe } from './describe.ts';
import * as store from './store.ts';

export async function rotateAuthority(
  deps: Deps,
  { params, body }: Input<typeof contract.rotateAuthority>,
  { projectId }: UserCaller,
): Promise<contract.RotationState> {
  const id = await transaction(deps.db, async (tx) => {
    const network = await lockNetwork(tx, projectId, params.network);
    if (body.emergency) await replaceAtOnce(deps, tx, network);
    else await begin(deps, tx, network, body.leaveBehind);
    return network.id;
  });
  await goOn(deps, id);
  return describe(deps.db, id);
}

export async function getRotation(
  { db }: Deps,
  { params }: Input<typeof contract.getRotation>,
  { projectId }: UserCaller,
): Promise<contract.RotationState> {
  const { id } = await getNetwork(db, projectId, params.network);
  return describe(db, id);
}

/** Or, when one is under way, only leaves these hosts behind. */
async function begin(
  { sealer, lifetimes }: Deps,
  tx: Tx,
  network: NetworkRow,
  leaveBehind: readonly string[],
): Promise<void> {
  const hosts = await Promise.all(leaveBehind.map((name) => getHost(tx, network, name)));
  if ((await store.findRotation(tx, network.id)) === undefined) {
    const days = lifetimes.authorityDays;
    await createAuthority(tx, sealer, network, { days, state: 'next' });
    await enter(tx, network.id, 'trust');
  }
  await store.leaveBehind(
    tx,
    network.id,
    hosts.map(({ id }) => id),
  );
}

/** Takes every step that nobody has to be waited for. */
export async function goOn(deps: Deps, networkId: string): Promise<void> {
  while (await store.isReady(deps.db, networkId)) {
    await transaction(deps.db, (tx) => takeStep(deps, tx, networkId));
  }
}

async function takeStep(deps: Deps, tx: Tx, networkId: string): Promise<void> {
  const network = await lockNetworkById(tx, networkId);
  // Somebody else may have taken it meanwhile, and hosts may have come.
  if (network === undefined || !(await store.isReady(tx, networkId))) return;
  const rotation = await store.findRotation(tx, networkId);
  if (rotation?.stage === 'trust') {
    await moveAuthority(tx, networkId, 'current', 'old');
    await moveAuthority(tx, networkId, 'next', 'current');
    await certifyAll(deps, tx, network);
    await enter(tx, networkId, 'sign');
  } else {
    await finish(tx, networkId, false);
  }
}

/** Nobody is waited for: who has not heard of it yet loses its connections until it has. */
async function replaceAtOnce(deps: Deps, tx: Tx, network: NetworkRow): Promise<void> {
  const rotation = await store.findRotation(tx, network.id);
  if (rotation?.stage === 'sign') return finish(tx, network.id, true);
  await moveAuthority(tx, network.id, 'current', 'old');
  if (rotation) await moveAuthority(tx, network.id, 'next', 'current');
  else await createAuthority(tx, deps.sealer, network, { days: deps.lifetimes.authorityDays });
  await certifyAll(deps, tx, network);
  await finish(tx, network.id, true);
}

async function enter(tx: Tx, networkId: string, stage: contract.Rotation['stage']): Promise<void> {
  await store.putRotation(tx, networkId, stage);
  await touchNetwork(tx, networkId);
  await store.askToConfirm(tx, networkId);
}

/** The old authority is trusted no longer. */
async function finish(tx: Tx, networkId: string, emergency: boolean): Promise<void> {
  const from = (await findTrusted(tx, networkId)).find(({ state }) => state === 'old');
  const { fingerprint: to } = await getAuthority(tx, networkId);
  await moveAuthority(tx, networkId, 'old', 'retired');
  await store.deleteRotation(tx, networkId);
  await touchNetwork(tx, networkId);
  await publish(tx, contract.AuthorityRotated, {
    ...{ networkId, to, emergency },
    from: from?.fingerprint ?? '',
  });
}

/** For the keys that they have: nothing of theirs is waited for. */
async function certifyAll({ sealer, lifetimes }: Deps, tx: Tx, network: NetworkRow): Promise<void> {
  const requests = (await findHolders(tx, network.id)).map(({ tunnelKey, ...host }) => ({
    host,
    tunnelKey,
  }));
  await certifyHosts(tx, sealer, { network, days: lifetimes.certificateDays }, requests);
}
