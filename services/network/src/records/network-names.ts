import type { Db } from '@cep/database/transaction';
import type { NetworkNames } from '@cep/dns/network-names';
import type { Ranges } from '../hosts/addresses.ts';
import { findHostNames } from '../hosts/store.ts';
import { findAppNames, findRecords } from './store.ts';

/** Everything that the hosts of a network answer. */
export async function networkNames(
  db: Db,
  network: Ranges & { readonly id: string },
): Promise<NetworkNames> {
  const hosts = await findHostNames(db, network);
  const apps = await findAppNames(db, network.id);
  return { addresses: [...hosts, ...apps], records: await findRecords(db, network.id) };
}
