/**
 * A database that was restored from a backup knows lower versions than its hosts have, who would
 * take whatever it says for a replay. What they say that they have leads out of it.
 */
import { transaction } from '@cep/database/transaction';
import type { Pool } from 'pg';
import { lockNetworkById } from '../networks/store.ts';
import { askAgain } from '../rotations/store.ts';
import { touchHosts, touchNetwork } from './bundles.ts';
import * as store from './store.ts';

/** No network comes so far by itself. A host that claims to have more gets nothing any more. */
const HIGHEST = 2 ** 30;

/**
 * Lifts the versions of hosts above those that they have. Other hosts of the network may have a
 * bundle of the time that was lost under the number of one that is not: all of them are sent the
 * newest. A host that lies causes that once in an hour at most.
 */
export async function catchUp(
  db: Pool,
  networkId: string,
  holdings: readonly store.Holding[],
): Promise<void> {
  const credible = holdings.filter(({ have }) => have <= HIGHEST);
  if (credible.length === 0) return;
  await transaction(db, async (tx) => {
    if ((await lockNetworkById(tx, networkId)) === undefined) return;
    const lifted = await store.liftAbove(tx, credible);
    if (lifted.length === 0) return;
    const isNews = await store.markRestored(tx, networkId);
    await (isNews ? touchNetwork(tx, networkId) : touchHosts(tx, networkId, lifted));
    await askAgain(tx, lifted);
  });
}
