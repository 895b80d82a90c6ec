import type * as contract from '@cep/contracts/all-apps';
import type { UserCaller } from '@cep/contracts/caller';
import type { Input, Reply } from '@cep/contracts/endpoint';
import { Problem } from '@cep/contracts/problems';
import type { Deps } from './deps.ts';
import { toApp } from './present.ts';
import { findAllApps } from './store.ts';

/** A page of the apps of every project. @throws {Problem} `forbidden` for who is no administrator */
export async function listAllApps(
  { db, engines }: Deps,
  { query }: Input<typeof contract.listAllApps>,
  { role }: UserCaller,
): Promise<Reply<typeof contract.listAllApps>> {
  if (role !== 'admin') {
    const sentence = 'Only an administrator sees the apps of every project. Leave --all out.';
    throw new Problem('forbidden', sentence);
  }
  const { limit } = query;
  const views = await findAllApps(db, { limit: limit + 1, after: placeOf(query.after) });
  const shown = views.slice(0, limit);
  const last = views.length > limit ? shown.at(-1) : undefined;
  return {
    apps: shown.map((view) => ({
      ...toApp(view, engines.lost(view.engine)),
      project: view.project,
      deployedBy: view.deployed_by,
    })),
    next: last ? `${last.project_id}/${last.name}` : null,
  };
}

function placeOf(after: string | undefined) {
  const [project_id, name] = after?.split('/') ?? [];
  return project_id && name ? { project_id, name } : undefined;
}
