/** What can be asked of apps, and their end. */
import { randomUUID } from 'node:crypto';
import type * as contract from '@cep/contracts/apps';
import type { UserCaller } from '@cep/contracts/caller';
import type { Input, Reply } from '@cep/contracts/endpoint';
import { transaction } from '@cep/database/transaction';
import { isAway } from '../engine/failures.ts';
import { openDocument } from '../generations/document.ts';
import { getDocument } from '../generations/store.ts';
import { findGrants } from '../grants/store.ts';
import { toOperation } from '../operations/operations.ts';
import { insertOperation } from '../operations/store.ts';
import type { ObservedContainer } from '../reconciler/state.ts';
import type { Deps } from './deps.ts';
import { toApp } from './present.ts';
import { findApps, getAppView, lockApp, unwantApp } from './store.ts';

export async function listApps(
  { db, engineIsUp }: Deps,
  { projectId }: UserCaller,
): Promise<Reply<typeof contract.listApps>> {
  const views = await findApps(db, projectId);
  return { apps: views.map((view) => toApp(view, engineIsUp())) };
}

export async function getApp(
  { db, engine, engineIsUp, sealer }: Deps,
  { params, query }: Input<typeof contract.getApp>,
  { projectId }: UserCaller,
): Promise<contract.AppDetails> {
  const view = await getAppView(db, projectId, params.app);
  const sealed = await getDocument(db, view.id, view.generation);
  const { parameters, sensitive } = openDocument(sealer, view.id, sealed);
  const grants = await findGrants(db, view.id);
  const containers = await engine.containers(view.id).catch(noneWhenAway);
  const shown = Object.entries(parameters).filter(
    ([name]) => query.secrets || !sensitive.includes(name),
  );
  return {
    ...toApp(view, engineIsUp()),
    services: view.outline.services.map(({ name, image }) => ({
      name,
      image,
      ...stateOf(containers.find(({ service }) => service === name)),
    })),
    parameters: Object.fromEntries(shown),
    grants: grants.map(({ permission, reason, granted_by_name: by, granted_at: at }) => ({
      permission,
      reason,
      by,
      at: at.toISOString(),
    })),
  };
}

function noneWhenAway(error: unknown): ObservedContainer[] {
  if (isAway(error)) return [];
  throw error;
}

const stateOf = (container: ObservedContainer | undefined) => ({
  state: container?.state ?? 'absent',
  health: !container || container.health === 'none' ? null : container.health,
});

/** Writes down that an app is unwanted; what is under way for it is broken off. */
export async function destroyApp(
  { db, loop, progress }: Deps,
  { params, query }: Input<typeof contract.destroyApp>,
  { projectId }: UserCaller,
): Promise<Reply<typeof contract.destroyApp>> {
  const row = await transaction(db, async (tx) => {
    const app = await lockApp(tx, projectId, params.app);
    await unwantApp(tx, app.id, !query.volumes);
    return insertOperation(tx, {
      id: randomUUID(),
      projectId,
      appId: app.id,
      app: app.name,
      kind: 'destroy',
    });
  });
  loop.interrupt(row.app_id);
  return { operation: toOperation(row, progress) };
}
