/** Writes down what came of an app, and states it. Each is one transaction. */
import { isDeepStrictEqual } from 'node:util';
import { AppDestroyed, AppRunning, type Reason } from '@cep/contracts/apps';
import { transaction } from '@cep/database/transaction';
import { publish } from '@cep/messaging/outbox';
import type { Pool } from 'pg';
import { insertKept } from '../apps/kept-store.ts';
import {
  type AppRow,
  deleteApp,
  type FoundApp,
  findApp,
  updateAnnounced,
  updateState,
} from '../apps/store.ts';
import type { Engine } from '../engine/engine.ts';
import { deathReason } from '../engine/failures.ts';
import { lastLines } from '../logs/logs.ts';
import type { Progress } from '../operations/progress.ts';
import { finishOperations } from '../operations/store.ts';
import type { Outcome } from './outcome.ts';
import type { Observed } from './state.ts';
import type { Step } from './steps.ts';
import { judge, type Verdict } from './verdict.ts';
import type { Work } from './work.ts';

interface Deps {
  readonly db: Pool;
  readonly engine: Engine;
  readonly progress: Progress;
}

type State = Pick<AppRow, 'state' | 'reason'>;

/** How much of what a container said last goes into the reason for its end. */
const LAST_LINES = 10;

/** While steps are taken: what people see of it. */
export async function noteProgress(deps: Deps, { app }: Work, steps: readonly Step[]) {
  if (!app) return;
  if (app.wanted === 'destroyed') return deps.progress.step(app.id, 'removing containers');
  const isPulling = steps.some((step) => step.do === 'pull');
  if (!isPulling) deps.progress.step(app.id, 'starting containers');
  const state = isPulling ? 'pulling' : 'starting';
  if (app.state !== 'running') await setState(deps, app, { state, reason: null });
}

/** Nothing is left to do for an app that is wanted: it runs, comes up, or has failed. */
export async function concludeRunning(
  deps: Deps,
  work: Work,
  observed: Observed,
): Promise<Outcome> {
  const { app } = work;
  if (!app) return { is: 'gone' };
  const verdict = judge(work.desired, observed, Date.now());
  switch (verdict.is) {
    case 'running':
      await announce(deps, app);
      return { is: 'settled' };
    case 'starting':
      deps.progress.step(app.id, 'waiting until it is healthy');
      await setState(deps, app, { state: 'starting', reason: null });
      return { is: 'settled', lookAgainIn: verdict.lookAgainIn };
    case 'failed': {
      const reason = await explain(deps.engine, verdict);
      await setState(deps, app, { state: 'failed', reason });
      await finish(deps, app, 'deploy', reason);
      return { is: 'settled' };
    }
  }
}

async function announce(deps: Deps, app: FoundApp): Promise<void> {
  const { id: appId, project_id: projectId, network_id: networkId, name, address } = app;
  const isKnown = app.state === 'running' && !app.reason && app.announced === app.generation;
  if (!isKnown) {
    await transaction(deps.db, async (tx) => {
      await updateState(tx, appId, { state: 'running', reason: null });
      if (!(await updateAnnounced(tx, appId, app.generation))) return;
      const at = new Date().toISOString();
      await publish(tx, AppRunning, { appId, projectId, networkId, name, address, at });
    });
  }
  await finish(deps, app, 'deploy', null);
}

async function explain(
  engine: Engine,
  { trouble, container }: Extract<Verdict, { is: 'failed' }>,
): Promise<Reason> {
  const lines = await lastLines(engine, container, { tail: LAST_LINES });
  const { service, exitCode } = container;
  return deathReason(trouble, { service, exitCode, lastLines: lines.map(({ text }) => text) });
}

/** Something could not be done. Only without the engine do those who wait go on waiting. */
export async function concludeFailed(deps: Deps, appId: string, reason: Reason): Promise<void> {
  const app = await findApp(deps.db, appId);
  if (!app) return;
  if (app.wanted === 'destroyed') return setState(deps, app, { state: 'destroying', reason });
  const isAway = reason.code === 'engine-unavailable';
  const state = isAway ? (app.state === 'running' ? 'running' : 'pending') : 'failed';
  await setState(deps, app, { state, reason });
  if (isAway) deps.progress.step(app.id, `waiting: ${reason.message} ${reason.next}`);
  else await finish(deps, app, 'deploy', reason);
}

/** Nothing of the app is left in the engine, but volumes that are kept. */
export async function concludeDestroyed(deps: Deps, { app, desired }: Work): Promise<void> {
  if (!app) return;
  const { id: appId, project_id: projectId, network_id: networkId, name } = app;
  await transaction(deps.db, async (tx) => {
    const keeps = app.keep_volumes && desired.volumes.length > 0;
    if (keeps) await insertKept(tx, app, app.document);
    await deleteApp(tx, appId);
    const at = new Date().toISOString();
    await publish(tx, AppDestroyed, { appId, projectId, networkId, name, at });
    await finishOperations(tx, { appId, kind: 'deploy' }, overtaken(name));
    await finishOperations(tx, { appId, kind: 'destroy' }, null);
  });
  deps.progress.forget(appId);
}

const overtaken = (name: string): Reason => ({
  code: 'failed',
  message: `"${name}" was destroyed before it ran.`,
  next: 'Deploy it again.',
});

async function finish(
  { db, progress }: Deps,
  app: FoundApp,
  kind: 'deploy' | 'destroy',
  failure: Reason | null,
): Promise<void> {
  if (app.asked_at) await finishOperations(db, { appId: app.id, kind }, failure);
  progress.forget(app.id);
}

async function setState({ db }: Deps, app: AppRow, next: State): Promise<void> {
  if (app.state === next.state && isDeepStrictEqual(app.reason, next.reason)) return;
  await updateState(db, app.id, next);
}
