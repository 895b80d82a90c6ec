/** How a machine becomes a host: a code that was given for it, against keys that it made. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { UserCaller } from '@cep/contracts/caller';
import type { Input, Reply } from '@cep/contracts/endpoint';
import * as contract from '@cep/contracts/hosts';
import { Problem } from '@cep/contracts/problems';
import { together } from '@cep/database/together';
import { type Tx, transaction } from '@cep/database/transaction';
import { publish } from '@cep/messaging/outbox';
import { checkCombination } from '@cep/nebula/lint';
import { forgetAgent } from '../agents/store.ts';
import { certifyHosts } from '../authorities/authorities.ts';
import { revokeCertificates } from '../authorities/store.ts';
import { touchHosts, touchNetwork } from '../bundles/bundles.ts';
import type { Deps } from '../deps.ts';
import { combinationOf } from '../hosts/fitness.ts';
import { type HolderRow, lockHost, updateMachine } from '../hosts/holder-store.ts';
import { getHost } from '../hosts/store.ts';
import { checkCurve, checkTunnelKey } from '../hosts/tunnel-keys.ts';
import { findNetworkForEnrolment, lockNetwork, type NetworkRow } from '../networks/store.ts';
import { hashCode, hashKeys, judge, newCode, type PublicKeys } from './codes.ts';
import { findEnrolment, findEnrolmentOf, markUsed, putEnrolment } from './store.ts';

const CODE_MINUTES = 15;

/** Every refusal takes this long, so that its time does not tell what was wrong. */
const REFUSAL_MS = 100;

/** Gives a host a new code; the one before is worth nothing from now on. */
export async function giveCode(tx: Tx, hostId: string): Promise<contract.Enrolment> {
  const code = newCode();
  const expiresAt = await putEnrolment(tx, hostId, hashCode(code), CODE_MINUTES);
  return { code, expiresAt: expiresAt.toISOString() };
}

export async function createEnrolment(
  { db }: Deps,
  { params }: Input<typeof contract.createEnrolment>,
  { projectId }: UserCaller,
): Promise<contract.Enrolment> {
  return transaction(db, async (tx) => {
    const network = await lockNetwork(tx, projectId, params.network);
    const host = await getHost(tx, network, params.host);
    if (host.state === 'revoked') throw revoked(host.name);
    return giveCode(tx, host.id);
  });
}

const revoked = (host: string) =>
  new Problem(
    'host-revoked',
    `"${host}" was revoked: nobody can enrol as it. Delete it, or make another host.`,
  );

type EnrolReply = Reply<typeof contract.enrolHost>;

/**
 * Code consumed, keys kept and certificate issued: all of it or nothing. While the code would still be
 * good, the machine that used it gets the same certificate when it asks again.
 *
 * @throws {Problem} `enrolment-refused`, always with the same words; to whoever has the code
 *   `wrong-curve` and `unfit-for-nebula`, with which it stays good
 */
export async function enrolHost(
  deps: Deps,
  { params, body }: Input<typeof contract.enrolHost>,
): Promise<EnrolReply> {
  checkTunnelKey(body.tunnelKey);
  const refusalDue = sleep(REFUSAL_MS);
  const request = { ...params, ...body };
  // Who guesses takes no lock: nobody waits for it.
  const seen = judge(await findEnrolmentOf(deps.db, params), body.code, request);
  const enrolled =
    seen === 'refused' ? undefined : await transaction(deps.db, (tx) => redeem(deps, tx, request));
  // The lock on the network is let go of before: others may enrol, and hosts be made.
  const reply = enrolled && (await deps.currentBundle(enrolled.networkId, enrolled.hostId));
  if (reply !== undefined) return reply;
  await refusalDue;
  throw new Problem(
    'enrolment-refused',
    'The code is not good for this host, or no longer. Ask whoever runs the network for a new one.',
  );
}

type Request = PublicKeys & {
  readonly network: string;
  readonly host: string;
  readonly code: string;
  readonly nebulaVersion?: string | undefined;
  readonly revokeEarlier?: boolean | undefined;
};

/** @returns nothing when it is refused */
async function redeem(deps: Deps, tx: Tx, request: Request) {
  const network = await findNetworkForEnrolment(tx, request.network);
  const host = network && (await lockHost(tx, network.id, request.host));
  if (network === undefined || host === undefined) return undefined;
  const verdict = judge(await findEnrolment(tx, host.id), request.code, request);
  if (verdict === 'refused') return undefined;
  checkCurve(network, request.tunnelKey);
  const { nebulaVersion = null } = request;
  checkCombination(combinationOf(network, host, nebulaVersion));
  if (verdict === 'first') await enrol(deps, tx, { network, host, request });
  return { networkId: network.id, hostId: host.id };
}

async function enrol(
  { sealer, lifetimes }: Deps,
  tx: Tx,
  { network, host, request }: { network: NetworkRow; host: HolderRow; request: Request },
): Promise<void> {
  const networkId = network.id;
  const { id, name, address } = host;
  const { tunnelKey, nebulaVersion = null } = request;
  const isTakenOver = host.tunnelKey !== null && (await endEarlier(tx, host, request));
  const scope = { network, days: lifetimes.certificateDays };
  await certifyHosts(tx, sealer, scope, [{ host: { ...host, nebulaVersion }, tunnelKey }]);
  await together(
    isTakenOver ? touchNetwork(tx, networkId) : touchHosts(tx, networkId, [id]),
    updateMachine(tx, id, { ...request, nebulaVersion }),
    markUsed(tx, id, hashKeys(request)),
    publish(tx, contract.HostEnrolled, { hostId: id, networkId, name, address }),
  );
}

/**
 * Ends what the machine before was, as far as this is another one. Of one that runs from archives a
 * new archive is no other machine, and the one in use goes on until it is replaced there.
 *
 * @returns whether others must hear of it
 */
async function endEarlier(tx: Tx, before: HolderRow, request: Request): Promise<boolean> {
  await forgetAgent(tx, before.id);
  const { tunnelKey, signingKey, revokeEarlier = false } = request;
  if (tunnelKey === before.tunnelKey) return false;
  const isAnotherArchive = !before.live && signingKey === undefined;
  if (isAnotherArchive && !revokeEarlier) return false;
  return revokeCertificates(tx, before.id);
}
