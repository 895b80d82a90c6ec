/** What an enrolled host does with us. It acts for itself alone. */
import type * as contract from '@cep/contracts/agents';
import type { Input, Reply } from '@cep/contracts/endpoint';
import type { HostCaller } from '@cep/contracts/host-caller';
import { Problem } from '@cep/contracts/problems';
import { transaction } from '@cep/database/transaction';
import { versionsFor } from '@cep/nebula/lint';
import { certifyHosts } from '../authorities/authorities.ts';
import { countIssued } from '../authorities/store.ts';
import { touchHosts, touchNetwork } from '../bundles/bundles.ts';
import type { Deps } from '../deps.ts';
import { isLandmark } from '../hosts/changes.ts';
import {
  findNebulaVersion,
  findSigner,
  lockHost,
  updateNebulaVersion,
  updateTunnelKey,
} from '../hosts/holder-store.ts';
import { checkCurve, checkTunnelKey } from '../hosts/tunnel-keys.ts';
import { findNetworkForEnrolment } from '../networks/store.ts';
import { goOn } from '../rotations/rotations.ts';
import { checkToken, claimedHost, notAHost } from './credentials.ts';
import { revoked } from './hub.ts';
import * as store from './store.ts';

/** Enough for an agent that lost its keys again and again; a broken one stops here. */
const RENEWALS_PER_HOUR = 10;

/** @throws {Problem} `not-signed-in`, `wrong-clock`, `host-revoked` */
export async function authenticateHost(
  { db }: Pick<Deps, 'db'>,
  { body: { token } }: Input<typeof contract.authenticateHost>,
): Promise<HostCaller> {
  const claimed = claimedHost(token);
  const signer = claimed === undefined ? undefined : await findSigner(db, claimed);
  if (signer === undefined) throw notAHost();
  await checkToken(token, signer, new Date());
  if (signer.revoked) throw revoked();
  const { hostId, host, networkId, network } = signer;
  return { kind: 'host', hostId, networkId, network, host };
}

/** It may be the last that a rotation waited for. */
export async function reportAgent(
  deps: Deps,
  { params, body }: Input<typeof contract.reportAgent>,
  caller: HostCaller,
): Promise<void> {
  checkSelf(params, caller);
  await store.putReport(deps.db, caller.hostId, body);
  await learnNebulaVersion(deps, caller, body.nebulaVersion);
  await goOn(deps, caller.networkId);
}

/** With another nebula than before it may read other certificates, which it then gets. */
async function learnNebulaVersion(
  { db, sealer, lifetimes }: Deps,
  { hostId, network: name, host: hostName }: HostCaller,
  version: string,
): Promise<void> {
  if ((await findNebulaVersion(db, hostId)) === version) return;
  await transaction(db, async (tx) => {
    const network = await findNetworkForEnrolment(tx, name);
    const host = network && (await lockHost(tx, network.id, hostName));
    if (network === undefined || host?.id !== hostId || host.tunnelKey === null) return;
    const [before, after] = [host.nebulaVersion, version].map((each) => versionsFor(network, each));
    const isRead = String(before) === String(after);
    // One that says now this and now that is believed again when it may have a certificate again.
    if (!isRead && (await countIssued(tx, hostId)) >= RENEWALS_PER_HOUR) return;
    await updateNebulaVersion(tx, hostId, version);
    if (isRead) return;
    const { tunnelKey } = host;
    const scope = { network, days: lifetimes.certificateDays };
    await certifyHosts(tx, sealer, scope, [
      { host: { ...host, nebulaVersion: version }, tunnelKey },
    ]);
    // Others know a lighthouse or relay by its IPv6 address, if it has one.
    await (isLandmark(host) ? touchNetwork(tx, network.id) : touchHosts(tx, network.id, [hostId]));
  });
}

/** @throws {Problem} `too-many-requests`, `invalid-request`, `host-revoked` */
export async function renewCertificate(
  { db, sealer, lifetimes, currentBundle }: Deps,
  { params, body: { tunnelKey } }: Input<typeof contract.renewCertificate>,
  caller: HostCaller,
): Promise<Reply<typeof contract.renewCertificate>> {
  checkSelf(params, caller);
  checkTunnelKey(tunnelKey);
  await transaction(db, async (tx) => {
    const network = await findNetworkForEnrolment(tx, caller.network);
    const host = network && (await lockHost(tx, network.id, caller.host));
    if (network === undefined || host?.id !== caller.hostId) throw revoked();
    const issued = await countIssued(tx, host.id);
    if (host.tunnelKey !== tunnelKey || issued === 0) {
      if (issued >= RENEWALS_PER_HOUR) throw tooOften();
      checkCurve(network, tunnelKey);
      const scope = { network, days: lifetimes.certificateDays };
      await certifyHosts(tx, sealer, scope, [{ host, tunnelKey }]);
      await updateTunnelKey(tx, host.id, tunnelKey);
      await touchHosts(tx, network.id, [host.id]);
    }
  });
  const current = await currentBundle(caller.networkId, caller.hostId);
  if (current === undefined) throw revoked();
  return { bundle: current.bundle };
}

const tooOften = () =>
  new Problem(
    'too-many-requests',
    `A host may have ${RENEWALS_PER_HOUR} certificates an hour. Try again later.`,
    { members: { retryAfterSeconds: 3600 } },
  );

/** @throws {Problem} `forbidden` for a path that names another host than the caller */
export function checkSelf(
  { network, host }: { readonly network: string; readonly host: string },
  caller: HostCaller,
): void {
  if (network === caller.network && host === caller.host) return;
  const sentence = `This is "${caller.host}" of "${caller.network}": it may ask for itself alone.`;
  throw new Problem('forbidden', sentence);
}
