import { Problem } from '@cep/contracts/problems';
import type { Db } from '@cep/database/transaction';
import { findHostAddresses, getNetwork } from './store.ts';

const LOOPBACK = '127.0.0.1';

/** Where an app's ports are bound: never to all interfaces. */
export interface Placement {
  readonly networkId: string | null;
  readonly address: string;
}

/**
 * @param network  by name; without one the app is for this machine alone
 * @param hostAddresses  the IPv4 addresses of the machine that runs the apps
 * @throws {Problem} `not-found`: no such network in the project; `not-connected`: this machine is
 *   not on it
 */
export async function placeOn(
  db: Db,
  { projectId, network }: { readonly projectId: string; readonly network: string | undefined },
  hostAddresses: () => Promise<readonly string[]>,
): Promise<Placement> {
  if (network === undefined) return { networkId: null, address: LOOPBACK };
  const { id } = await getNetwork(db, projectId, network);
  const [hosts, own] = await Promise.all([findHostAddresses(db, id), hostAddresses()]);
  const address = hosts.find((candidate) => own.includes(candidate));
  if (address) return { networkId: id, address };
  throw new Problem(
    'not-connected',
    `The machine that runs the apps is not on the network "${network}". There, run "cep host create ${network} NAME", then "cep host connect ${network} NAME".`,
  );
}
