import { together } from '@cep/database/together';
import type { Tx } from '@cep/database/transaction';
import type { NetworkNames } from '@cep/dns/network-names';
import type { Ranges } from '../hosts/addresses.ts';
import { findHostNames } from '../hosts/store.ts';
import { findAppNames, findRecords } from './store.ts';

/** Everything that the hosts of a network answer. */
export async function networkNames(
  tx: Tx,
  network: Ranges & { readonly id: string },
): Promise<NetworkNames> {
  const [hosts, apps, records] = await together(
    findHostNames(tx, network),
    findAppNames(tx, network.id),
    findRecords(tx, network.id),
  );
  return { addresses: [...hosts, ...apps], records };
}
