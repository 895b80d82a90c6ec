/** What an enrolled host does with us. It acts for itself alone. */
import type * as contract from '@cep/contracts/agents';
import type { Input, Reply } from '@cep/contracts/endpoint';
import type { HostCaller } from '@cep/contracts/host-caller';
import { Problem } from '@cep/contracts/problems';
import { transaction } from '@cep/database/transaction';
import { isHostPublicKey } from '@cep/nebula/keys';
import { certifyHosts } from '../authorities/authorities.ts';
import { countIssued } from '../authorities/store.ts';
import { touchHosts } from '../bundles/bundles.ts';
import type { Deps } from '../deps.ts';
import { inRange } from '../hosts/addresses.ts';
import { findSigner, lockHost, updateTunnelKey } from '../hosts/holder-store.ts';
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
  await goOn(deps, caller.networkId);
}

/** @throws {Problem} `too-many-requests`, `invalid-request`, `host-revoked` */
export async function renewCertificate(
  { db, sealer, lifetimes, currentBundle }: Deps,
  { params, body: { tunnelKey } }: Input<typeof contract.renewCertificate>,
  caller: HostCaller,
): Promise<Reply<typeof contract.renewCertificate>> {
  checkSelf(params, caller);
  if (!isHostPublicKey('curve25519', Buffer.from(tunnelKey, 'base64url'))) {
    throw new Problem('invalid-request', 'body/tunnelKey is not a public key of X25519.');
  }
  await transaction(db, async (tx) => {
    const network = await findNetworkForEnrolment(tx, caller.network);
    const host = network && (await lockHost(tx, network.id, caller.host));
    if (network === undefined || host?.id !== caller.hostId) throw revoked();
    const issued = await countIssued(tx, host.id);
    if (host.tunnelKey !== tunnelKey || issued === 0) {
      if (issued >= RENEWALS_PER_HOUR) throw tooOften();
      const address = inRange(host.address, network.cidr);
      const scope = { networkId: network.id, days: lifetimes.certificateDays };
      await certifyHosts(tx, sealer, scope, [{ host: { ...host, address }, tunnelKey }]);
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
