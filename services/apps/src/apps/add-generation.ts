/** Another generation of an app, as the wanted one. */
import type { Tx } from '@cep/database/transaction';
import type { Sealer } from '@cep/sealing/sealer';
import type { VolumeSets } from '../engine/names.ts';
import { openDocument } from '../generations/document.ts';
import {
  type Cause,
  findGeneration,
  findGenerations,
  type GenerationRow,
  insertGeneration,
  updateGeneration,
} from '../generations/store.ts';
import { claimPorts } from '../ports/store.ts';
import { type AppRow, turnTo, wantApp } from './store.ts';

export async function currentOf(tx: Tx, { id, generation }: AppRow): Promise<GenerationRow> {
  const current = await findGeneration(tx, id, generation);
  if (!current) throw new Error(`app ${id} has no generation ${generation}`);
  return current;
}

/** One as it is to be made. */
export interface NewGeneration
  extends Pick<GenerationRow, 'address' | 'version' | 'document' | 'outline' | 'images'> {
  readonly app: AppRow;
  readonly cause: Cause;
  /** Left out: the data stays what it is. */
  readonly volumeSets?: VolumeSets;
}

/** The generation that is wanted until now, if it was never good, is overtaken. @returns its number */
export async function addGeneration(
  { sealer }: { readonly sealer: Sealer },
  tx: Tx,
  wish: NewGeneration,
): Promise<number> {
  const { app, cause, address, version, document, outline, images, volumeSets } = wish;
  const [newest] = await findGenerations(tx, app.id);
  const number = (newest?.number ?? 0) + 1;
  const before = await currentOf(tx, app);
  if (before.state === 'pending') {
    const reason = {
      code: 'cancelled' as const,
      message: `Generation ${number} was asked for before this one ran.`,
      next: `See "cep apps history ${app.name}".`,
    };
    const given = { appId: app.id, number: before.number };
    await updateGeneration(tx, given, { state: 'cancelled', reason });
  }
  await insertGeneration(tx, {
    ...{ appId: app.id, number, cause, version, address, document, outline, images },
    volumeSets: volumeSets ?? before.volume_sets,
  });
  await turnTo(tx, app.id, { generation: number, version });
  await wantApp(tx, app.id, 'running');
  const { services } = openDocument(sealer, app.id, document).rendered;
  await claimPorts(tx, { appId: app.id, address, services });
  return number;
}
