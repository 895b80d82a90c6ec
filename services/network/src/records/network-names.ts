import type { Db } from '@cep/database/transaction';
import type { NetworkNames } from '@cep/dns/network-names';
import { findHostNames } from '../hosts/store.ts';
import { findAppNames, findRecords } from './store.ts';

/** Everything that the hosts of a network answer. */
export async function networkNames(db: Db, networkId: string): Promise<NetworkNames> {
  const hosts = await findHostNames(db, networkId);
  const apps = await findAppNames(db, networkId);
  return { addresses: [...hosts, ...apps], records: await findRecords(db, networkId) };
}
