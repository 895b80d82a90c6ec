/** What can be asked of apps, and their end. */
import type * as contract from '@cep/contracts/apps';
import type { UserCaller } from '@cep/contracts/caller';
import type { Input, Reply } from '@cep/contracts/endpoint';
import { Problem } from '@cep/contracts/problems';
import { transaction } from '@cep/database/transaction';
import { USUAL } from '../engine/about.ts';
import { whenAway } from '../engine/failures.ts';
import { findGrants } from '../grants/store.ts';
import { toOperation } from '../operations/operations.ts';
import { driftOf } from '../reconciler/drift.ts';
import {
  type Desired,
  type DesiredContainer,
  isSame,
  needsStart,
  type ObservedContainer,
} from '../reconciler/state.ts';
import { loadWork } from '../reconciler/work.ts';
import { greet } from '../templates/welcome.ts';
import { ask } from './ask.ts';
import { cancelJob } from './cancel.ts';
import type { Deps } from './deps.ts';
import { toApp } from './present.ts';
import { type AppView, findApps, getAppView, lockApp, unwantApp } from './store.ts';

export async function listApps(
  { db, engines }: Deps,
  { projectId }: UserCaller,
): Promise<Reply<typeof contract.listApps>> {
  const views = await findApps(db, projectId);
  return { apps: views.map((view) => toApp(view, engines.lost(view.engine))) };
}

export async function getApp(
  deps: Deps,
  { params, query }: Input<typeof contract.getApp>,
  { projectId, projectName, isOutsider }: UserCaller,
): Promise<contract.AppDetails> {
  if (isOutsider && query.secrets) {
    const sentence = `The secrets of "${projectName}" are for its members. Leave --secrets out.`;
    throw new Problem('forbidden', sentence);
  }
  const { db, engines } = deps;
  const view = await getAppView(db, projectId, params.app);
  const { engine, lost } = await engines.of(view.engine);
  const abilities = await engine.abilities().catch(whenAway(USUAL));
  const { desired, document } = await loadWork(deps, view.id, abilities);
  const { parameters, sensitive } = document ?? NONE;
  const welcome = document ? greet(document, query.secrets) : null;
  const containers = await engine
    .containers(view.id)
    .catch(whenAway<ObservedContainer[] | undefined>(undefined));
  const grants = await findGrants(db, view.id);
  const shown = Object.entries(parameters).filter(
    ([name]) => query.secrets || !sensitive.includes(name),
  );
  return {
    ...toApp(view, lost()),
    services: view.outline.services.map(({ name, image }) => ({
      name,
      image,
      ...(containers ? stateOf({ view, desired }, name, containers) : UNSEEN),
    })),
    parameters: Object.fromEntries(shown),
    welcome,
    grants: grants.map(({ permission, reason, granted_by_name: by, granted_at: at }) => ({
      permission,
      reason,
      by,
      at: at.toISOString(),
    })),
  };
}

/** Of an app that has gone meanwhile. */
const NONE = { parameters: {}, sensitive: [] as readonly string[] };

/** Of a service whose engine is not reached. */
const UNSEEN = { state: 'unknown', health: null, drift: [] };

interface Seen {
  readonly view: AppView;
  readonly desired: Desired;
}

/** Of two containers of a service, the one that is wanted counts. */
function stateOf(
  { view, desired: app }: Seen,
  service: string,
  containers: readonly ObservedContainer[],
) {
  const hasRun = view.good === view.generation;
  const wanted = app.containers.find((each) => each.service === service);
  const own = containers.filter((each) => each.service === service);
  const container = own.find((each) => wanted && isSame(each, wanted)) ?? own[0];
  // What rests gets back what it should have when it starts.
  const isToRun = app.wanted === 'running';
  const drift = wanted && container && isToRun ? driftOf(wanted, container) : [];
  return {
    state: container?.state ?? 'absent',
    health: !container || container.health === 'none' ? null : container.health,
    drift: [...drift, ...(isToRun && hasRun ? goneOf(app, wanted, container) : [])],
  };
}

function goneOf(app: Desired, wanted?: DesiredContainer, container?: ObservedContainer): string[] {
  if (!wanted || app.askedAt > 0) return [];
  if (!container) return ['its container was removed'];
  if (container.state === 'paused') return ['it was paused'];
  return container.state === 'exited' && needsStart(app, wanted, container)
    ? ['it was stopped']
    : [];
}

/** Writes down that an app is unwanted; what is under way for it is broken off. */
export async function destroyApp(
  { db, loop, progress }: Deps,
  { params, query }: Input<typeof contract.destroyApp>,
  { projectId }: UserCaller,
): Promise<Reply<typeof contract.destroyApp>> {
  const row = await transaction(db, async (tx) => {
    const app = await lockApp(tx, projectId, params.app);
    await cancelJob(tx, app);
    await unwantApp(tx, app.id, !query.volumes);
    return (await ask(tx, app, 'destroy')).row;
  });
  loop.interrupt(row.app_id);
  return { operation: toOperation(row, progress) };
}
