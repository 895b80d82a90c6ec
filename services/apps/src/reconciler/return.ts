/** The way back to the last generation that was seen to run. */
import { transaction } from '@cep/database/transaction';
import type { Sealer } from '@cep/sealing/sealer';
import type { Pool } from 'pg';
import { type AppRow, lockAppById, resumeSince, turnTo, updateState } from '../apps/store.ts';
import { openDocument } from '../generations/document.ts';
import { findGeneration, type GenerationRow, updateGeneration } from '../generations/store.ts';
import { claimPorts, releasePorts } from '../ports/store.ts';

export interface Deps {
  readonly db: Pool;
  readonly sealer: Sealer;
}

/**
 * Gives up the wanted generation of an app, and wants the last good one again; its containers are
 * still there, so that this takes no longer than to start them. Nothing happens when something else
 * is wanted meanwhile.
 *
 * @returns whether there was one to return to
 */
export async function returnToGood(
  { db, sealer }: Deps,
  { id: appId, generation }: Pick<AppRow, 'id' | 'generation'>,
  end: Pick<GenerationRow, 'state' | 'reason'>,
): Promise<boolean> {
  return transaction(db, async (tx) => {
    const app = await lockAppById(tx, appId);
    if (!app || app.generation !== generation || app.wanted === 'destroyed') return false;
    if (app.good === null || app.good === generation) return false;
    const good = await findGeneration(tx, appId, app.good);
    const failed = await findGeneration(tx, appId, generation);
    if (!good || !failed) return false;
    await updateGeneration(tx, { appId, number: generation }, end);
    await turnTo(tx, appId, { generation: good.number, version: good.version });
    await resumeSince(tx, appId, failed.created_at);
    await updateState(tx, appId, { state: 'starting', reason: null });
    const { services } = openDocument(sealer, appId, good.document).rendered;
    const published = { appId, address: good.address, services };
    await claimPorts(tx, published);
    // What the one that is given up has asked for is nobody's any more, and nobody is sent there.
    await releasePorts(tx, published);
    return true;
  });
}
