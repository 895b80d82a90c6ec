/** What can be done with policies. A change is one transaction, and states what it changed. */
import type { UserCaller } from '@cep/contracts/caller';
import type { Input, Reply } from '@cep/contracts/endpoint';
import * as contract from '@cep/contracts/policies';
import { Problem } from '@cep/contracts/problems';
import { transaction } from '@cep/database/transaction';
import { publish } from '@cep/messaging/outbox';
import { touchHosts } from '../bundles/bundles.ts';
import type { Deps } from '../deps.ts';
import { findHosts } from '../hosts/store.ts';
import { getNetwork, lockNetwork } from '../networks/store.ts';
import { checkPolicy } from './check.ts';
import { affectedHosts } from './compile.ts';
import { explainer } from './explain.ts';
import { findParty, type Member } from './members.ts';
import { findPolicy, putPolicy } from './store.ts';
import { warningsOf } from './trials.ts';

export async function getPolicy(
  { db }: Deps,
  { params }: Input<typeof contract.getPolicy>,
  { projectId }: UserCaller,
): Promise<Reply<typeof contract.getPolicy>> {
  const network = await getNetwork(db, projectId, params.network);
  const { policy, changedAt } = await findPolicy(db, network.id);
  if (policy === null) return { policy, changedAt: null, warnings: [] };
  const warnings = warningsOf(policy, await findHosts(db, network));
  return { policy, changedAt: changedAt?.toISOString() ?? null, warnings };
}

/** Only hosts whose own rules are others than before are given a new bundle. */
export async function setPolicy(
  { db }: Deps,
  { params, body: policy }: Input<typeof contract.setPolicy>,
  { projectId }: UserCaller,
): Promise<Reply<typeof contract.setPolicy>> {
  return transaction(db, async (tx) => {
    const network = await lockNetwork(tx, projectId, params.network);
    const hosts = await findHosts(tx, network);
    checkPolicy(policy, { name: network.name, hosts });
    const before = await findPolicy(tx, network.id);
    const changed = affectedHosts(before.policy, policy, hosts);
    const changedAt = await putPolicy(tx, network.id, policy);
    await touchHosts(
      tx,
      network.id,
      changed.map(({ id }) => id),
    );
    await publish(tx, contract.PolicyChanged, { networkId: network.id });
    return {
      policy,
      changedAt: changedAt.toISOString(),
      warnings: warningsOf(policy, hosts),
      changedHosts: changed.map(({ name }) => name),
    };
  });
}

export async function explainPolicy(
  { db }: Deps,
  { params, body }: Input<typeof contract.explainPolicy>,
  { projectId }: UserCaller,
): Promise<Reply<typeof contract.explainPolicy>> {
  const network = await getNetwork(db, projectId, params.network);
  const { policy } = await findPolicy(db, network.id);
  const hosts = await findHosts(db, network);
  const [from, to] = [getParty(body.from, network, hosts), getParty(body.to, network, hosts)];
  const { allowed, at, reason } = explainer(policy, { from, to })(body.packet);
  const rule = at === null ? undefined : policy?.rules[at];
  return {
    verdict: allowed ? 'allowed' : 'denied',
    rule: rule && at !== null ? { number: at + 1, ...rule } : null,
    reason,
  };
}

function getParty(
  party: string,
  { name }: { readonly name: string },
  hosts: readonly Member[],
): Member {
  const found = findParty(party, hosts);
  if (found) return found;
  const host = party.slice('host:'.length);
  throw new Problem('not-found', `There is no host "${host}" on the network "${name}".`);
}
