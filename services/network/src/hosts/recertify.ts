import type { Tx } from '@cep/database/transaction';
import { certifyHosts } from '../authorities/authorities.ts';
import { revokeCertificates } from '../authorities/store.ts';
import type { Deps } from '../deps.ts';
import type { NetworkRow } from '../networks/store.ts';
import { lockHost } from './holder-store.ts';

/**
 * Gives a host whose groups were changed a certificate that says so, for the key that it has. When a
 * group was taken away its earlier certificates are revoked: some versions of nebula go by the
 * certificate that they saw first for as long as a tunnel lasts. One that is not live gets its
 * certificate with its next archive.
 *
 * @returns whether other hosts must hear of it
 */
export async function recertifyHost(
  { sealer, lifetimes }: Pick<Deps, 'sealer' | 'lifetimes'>,
  tx: Tx,
  { network, name, before }: { network: NetworkRow; name: string; before: readonly string[] },
): Promise<boolean> {
  const host = await lockHost(tx, network.id, name);
  if (host === undefined || host.tunnelKey === null) return false;
  const isLess = before.some((group) => !host.groups.includes(group));
  const mustHear = isLess && (await revokeCertificates(tx, host.id));
  // Nobody would take it there.
  if (!host.live) return mustHear;
  const { tunnelKey } = host;
  const scope = { network, days: lifetimes.certificateDays };
  await certifyHosts(tx, sealer, scope, [{ host, tunnelKey }]);
  return mustHear;
}
