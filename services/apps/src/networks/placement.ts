import { Problem } from '@cep/contracts/problems';
import type { Db } from '@cep/database/transaction';
import { LOCAL } from '../engines/local.ts';
import { findHostAddresses, findNetworkOf, getNetwork } from './store.ts';

const LOOPBACK = '127.0.0.1';

/** Where an app's ports are bound: never to all interfaces. */
export interface Placement {
  readonly networkId: string | null;
  readonly address: string;
}

interface Wanted {
  readonly projectId: string;
  /** By name; without one the app is for its engine's machine alone. */
  readonly network: string | undefined;
  /** By name. */
  readonly engine: string;
}

/**
 * @param hostAddresses  the IPv4 addresses of the engine's machine
 * @throws {Problem} `not-found`: no such network in the project; `not-connected`: the engine's
 *   machine is not on it
 */
export async function placeOn(
  db: Db,
  { projectId, network, engine }: Wanted,
  hostAddresses: () => Promise<readonly string[]>,
): Promise<Placement> {
  if (network === undefined) return { networkId: null, address: LOOPBACK };
  const { id } = await getNetwork(db, projectId, network);
  const [hosts, own] = await Promise.all([findHostAddresses(db, id), hostAddresses()]);
  const address = hosts.find((candidate) => own.includes(candidate));
  if (address) return { networkId: id, address };
  if (engine !== LOCAL) throw remoteNotConnected(engine, network, own);
  throw new Problem(
    'not-connected',
    `The machine that runs the apps is not on the network "${network}". There, run "cep host create ${network} NAME", then "cep host connect ${network} NAME".`,
  );
}

/**
 * Where an app is that comes from another, if nobody says: on the network of that one, as long as the
 * engine's machine is on it.
 */
export async function placeBeside(
  db: Db,
  { appId, ...wanted }: Omit<Wanted, 'network'> & { readonly appId: string },
  hostAddresses: () => Promise<readonly string[]>,
): Promise<Placement> {
  const network = await findNetworkOf(db, appId);
  return placeOn(db, { ...wanted, network }, hostAddresses).catch((error: unknown) => {
    if (!(error instanceof Problem && error.code === 'not-connected')) throw error;
    return placeOn(db, { ...wanted, network: undefined }, hostAddresses);
  });
}

function remoteNotConnected(engine: string, network: string, own: readonly string[]): Problem {
  const known = own.length > 0 ? `only ${own.join(', ')}` : 'none';
  return new Problem(
    'not-connected',
    `No address of the engine "${engine}" is one of the network "${network}"; cep knows ${known}. Connect its machine with "cep host connect", then run "cep engine add ${engine}" again with --address and the address it has there.`,
  );
}
