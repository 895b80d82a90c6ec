import { Problem } from '@cep/contracts/problems';
import { sql } from '@cep/database/sql';
import type { Db } from '@cep/database/transaction';

interface NetworkCopy {
  readonly id: string;
  readonly name: string;
}

/** @throws {Problem} `not-found` */
export async function getNetwork(db: Db, projectId: string, name: string): Promise<NetworkCopy> {
  const { rows } = await db.query<NetworkCopy>(sql`
    select id, name from networks
    where project_id = ${projectId} and name = ${name} and not deleted`);
  if (rows[0]) return rows[0];
  throw new Problem('not-found', `There is no network "${name}". See "cep network list".`);
}

/** @returns the overlay addresses of its enrolled hosts */
export async function findHostAddresses(db: Db, networkId: string): Promise<string[]> {
  const { rows } = await db.query<{ address: string }>(sql`
    select address from network_hosts where network_id = ${networkId} and not deleted`);
  return rows.map(({ address }) => address);
}

/** Whether an enrolled host has this address on a network of the project. */
export async function isHostAddress(db: Db, projectId: string, address: string): Promise<boolean> {
  const { rowCount } = await db.query(sql`
    select from network_hosts join networks on networks.id = network_id
    where project_id = ${projectId} and address = ${address}
      and not networks.deleted and not network_hosts.deleted`);
  return (rowCount ?? 0) > 0;
}

/** @returns the name of the network that an app is on; nothing for one on none, or that is gone */
export async function findNetworkOf(db: Db, appId: string): Promise<string | undefined> {
  const { rows } = await db.query<{ name: string }>(sql`
    select networks.name from networks join apps on network_id = networks.id
    where apps.id = ${appId} and not deleted`);
  return rows[0]?.name;
}
