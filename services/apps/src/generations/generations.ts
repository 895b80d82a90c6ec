import type { UserCaller } from '@cep/contracts/caller';
import type { Input, Reply } from '@cep/contracts/endpoint';
import type * as contract from '@cep/contracts/generations';
import type { Pool } from 'pg';
import { getAppView } from '../apps/store.ts';
import type { Hook } from '../compose/model.ts';
import { findGenerations } from './store.ts';

/** What an app was made of, newest first. */
export async function listGenerations(
  { db }: { readonly db: Pool },
  { params }: Input<typeof contract.listGenerations>,
  { projectId }: UserCaller,
): Promise<Reply<typeof contract.listGenerations>> {
  const app = await getAppView(db, projectId, params.app);
  const rows = await findGenerations(db, app.id);
  return {
    generations: rows.map(
      ({ number, cause, version, state, reason, created_at, outline, hooks }) => ({
        ...{ number, cause, version, state, reason, isCurrent: number === app.generation },
        images: outline.services.map(({ image }) => image),
        hooks: Object.entries(hooks).map(([phase, { exec: _, ...run }]) => ({
          phase: phase as Hook['phase'],
          ...run,
        })),
        createdAt: created_at.toISOString(),
      }),
    ),
  };
}
