/** Writes down what came of an app, and states it. Each is one transaction. */
import { isDeepStrictEqual } from 'node:util';
import { AppDestroyed, AppRunning, type Reason } from '@cep/contracts/apps';
import type { Operation } from '@cep/contracts/operations';
import { together } from '@cep/database/together';
import { type Tx, transaction } from '@cep/database/transaction';
import { publish } from '@cep/messaging/outbox';
import { insertKept } from '../apps/kept-store.ts';
import {
  type AppRow,
  deleteApp,
  type FoundApp,
  updateAnnounced,
  updateGood,
  updateState,
} from '../apps/store.ts';
import type { Engine } from '../engine/engine.ts';
import { deathReason } from '../engine/failures.ts';
import { pointFront } from '../front/point.ts';
import { redact } from '../generations/redact.ts';
import { pruneGenerations, updateGeneration } from '../generations/store.ts';
import { runAfter } from '../hooks/run.ts';
import { lastLines } from '../logs/logs.ts';
import type { Progress } from '../operations/progress.ts';
import { failGivenUp, finishOperations } from '../operations/store.ts';
import { removeVolume } from '../pools/folders.ts';
import type { Deps as RunDeps } from '../pools/run.ts';
import { findPlacedOf } from '../pools/store.ts';
import { releasePorts } from '../ports/store.ts';
import type { Outcome } from './outcome.ts';
import { type Deps as ReturnDeps, returnToGood } from './return.ts';
import type { Observed } from './state.ts';
import type { Step } from './step.ts';
import { judge, type Verdict } from './verdict.ts';
import type { Work } from './work.ts';

interface Deps extends ReturnDeps, Omit<RunDeps, 'engine'> {
  readonly engine: Engine;
  readonly progress: Progress;
}

type State = Pick<AppRow, 'state' | 'reason'>;

/** What was seen of an app in a pass, and what ends the pass. */
export interface Now {
  readonly observed: Observed;
  readonly signal: AbortSignal;
}

/** How much of what a container said last goes into the reason for its end. */
const LAST_LINES = 20;

/** So many generations of an app are remembered. */
const GENERATIONS = 20;

/** While steps are taken: what people see of it. */
export async function noteProgress(deps: Deps, { app }: Work, steps: readonly Step[]) {
  if (!app) return;
  if (app.wanted === 'destroyed') return deps.progress.step(app.id, 'removing containers');
  if (app.wanted === 'stopped') {
    deps.progress.step(app.id, 'stopping containers');
    return setState(deps, app, { state: 'stopping', reason: null });
  }
  const isPulling = steps.some((step) => step.do === 'pull');
  const isMild = steps.every((step) => step.do === 'update');
  if (!isPulling) deps.progress.step(app.id, isMild ? 'changing limits' : 'starting containers');
  const state = isPulling ? 'pulling' : 'starting';
  // What is tried again by itself has failed until it has not.
  const isRetried = app.state === 'failed' && !app.is_awaited;
  if (app.state !== 'running' && !isRetried) await setState(deps, app, { state, reason: null });
}

/** Nothing is left to do for an app that is wanted: it runs, comes up, or has failed. */
export async function concludeRunning(
  deps: Deps,
  work: Work,
  now: Now,
): Promise<Outcome | 'again'> {
  const { app } = work;
  if (!app) return { is: 'gone' };
  const verdict = judge(work.desired, now.observed, Date.now());
  switch (verdict.is) {
    case 'running':
      if (await runAfter(deps, work, now)) return 'again';
      await pointFront(deps, work, now);
      if (app.good !== app.generation && !(await declareGood(deps, work))) return 'again';
      // What the generation before it has left is to go.
      if (work.desired.kept.length > 0) return 'again';
      await announce(deps, app);
      return { is: 'settled' };
    case 'starting':
      deps.progress.step(app.id, 'waiting until it is healthy');
      if (app.state !== 'running') await setState(deps, app, { state: 'starting', reason: null });
      return { is: 'settled', lookAgainIn: verdict.lookAgainIn };
    case 'failed': {
      const outcome = await concludeFailed(deps, work, await explain(deps.engine, verdict));
      // Nothing is to be tried again: what changes in the engine is heard.
      return outcome === 'again' ? outcome : { is: 'settled' };
    }
  }
}

/** @returns false when something else is wanted meanwhile */
async function declareGood({ db }: Deps, work: Work): Promise<boolean> {
  const { app, identity, services } = work;
  const appId = identity.id;
  return transaction(db, async (tx) => {
    if (!app || !(await updateGood(tx, appId, app.generation))) return false;
    const generation = { appId, number: app.generation };
    await updateGeneration(tx, generation, { state: 'good', reason: null });
    await releasePorts(tx, { appId, address: app.address, services });
    await pruneGenerations(tx, appId, GENERATIONS);
    return true;
  });
}

async function announce(deps: Deps, app: FoundApp): Promise<void> {
  const { id: appId, project_id: projectId, network_id: networkId, name, address } = app;
  const isKnown = app.state === 'running' && !app.reason && app.announced >= app.generation;
  const tell = async (tx: Tx) => {
    await updateState(tx, appId, { state: 'running', reason: null });
    if (!(await updateAnnounced(tx, appId, app.generation))) return;
    const at = new Date().toISOString();
    await publish(tx, AppRunning, { appId, projectId, networkId, name, address, at });
  };
  await finish(deps, app, { succeeded: BRINGS_UP, ...(!isKnown && { first: tell }) });
}

async function explain(
  engine: Engine,
  { trouble, container }: Extract<Verdict, { is: 'failed' }>,
): Promise<Reason> {
  const lines = await lastLines(engine, container, { tail: LAST_LINES });
  return deathReason(trouble, { ...container, lastLines: lines.map(({ text }) => text) });
}

/** The containers of an app that is to rest do so. */
export async function concludeStopped(deps: Deps, { app }: Work): Promise<Outcome> {
  if (!app) return { is: 'gone' };
  await setState(deps, app, { state: 'stopped', reason: null });
  await finish(deps, app, { succeeded: ['stop'] });
  return { is: 'settled' };
}

/**
 * Something could not be done, or a container has failed. A generation that was never good gives way
 * to the last one that was; only without the engine do those who wait go on waiting.
 */
export async function concludeFailed(
  deps: Deps,
  { app, secrets, identity, desired }: Work,
  bare: Reason,
): Promise<Outcome | 'again'> {
  if (!app) return { is: 'failed', code: bare.code };
  const reason = { ...bare, message: redact(bare.message, secrets) };
  const failed: Outcome = { is: 'failed', code: reason.code };
  if (app.wanted === 'destroyed') {
    await setState(deps, app, { state: 'destroying', reason });
    return failed;
  }
  if (reason.code === 'engine-unavailable') {
    const state = app.state === 'running' || app.state === 'stopped' ? app.state : 'pending';
    await setState(deps, app, { state, reason });
    deps.progress.step(app.id, `waiting: ${reason.message} ${reason.next}`);
    return failed;
  }
  if (app.wanted === 'running' && desired.kept.length > 0) {
    deps.progress.step(identity.id, `failed: back to generation ${app.good}`);
    await returnToGood(deps, app, { state: 'failed', reason });
    return 'again';
  }
  await declareFailed(deps, app, reason);
  await finish(deps, app, { failed: reason });
  return failed;
}

/** Written whatever the app was found as: what was noted of its progress since is overtaken. */
async function declareFailed({ db }: Deps, app: FoundApp, reason: Reason): Promise<void> {
  const { id: appId, generation: number, good, wanted } = app;
  await transaction(db, async (tx) => {
    await updateState(tx, appId, { state: 'failed', reason });
    if (wanted !== 'running' || good === number) return;
    await updateGeneration(tx, { appId, number }, { state: 'failed', reason });
  });
}

/** Nothing of the app is left in the engine, but volumes that are kept. */
export async function concludeDestroyed(deps: Deps, { app, desired }: Work): Promise<void> {
  if (!app) return;
  const { id: appId, project_id: projectId, network_id: networkId, name } = app;
  if (!app.keep_volumes) await removeLeft(deps, appId);
  await transaction(deps.db, async (tx) => {
    const keeps = app.keep_volumes && desired.volumes.length > 0;
    if (keeps) await insertKept(tx, app);
    await deleteApp(tx, appId);
    const at = new Date().toISOString();
    await publish(tx, AppDestroyed, { appId, projectId, networkId, name, at });
    await finishOperations(tx, { appId, kinds: ['destroy'], until: END }, null);
    await finishOperations(
      tx,
      { appId, kinds: [...BRINGS_UP, 'stop'], until: END },
      overtaken(name),
    );
  });
  deps.progress.forget(appId);
}

/** Volumes that the engine has not, while their data is still in a pool. */
async function removeLeft(deps: Deps, appId: string): Promise<void> {
  for (const { volume } of await findPlacedOf(deps.db, appId)) await removeVolume(deps, volume);
}

/** Later than anything that was asked for. */
const END = new Date(8.64e15);

/** What brings an app to run. */
const BRINGS_UP = ['deploy', 'start', 'restart', 'update', 'rollback', 'restore'] as const;

const overtaken = (name: string): Reason => ({
  code: 'cancelled',
  message: `Something else was asked of "${name}" before this was done.`,
  next: `See "cep apps show ${name}".`,
});

type End =
  | {
      readonly succeeded: readonly Operation['kind'][];
      /** What is written down with it. */
      readonly first?: (tx: Tx) => Promise<void>;
    }
  /** What is still wanted of it, and cannot be done. */
  | { readonly failed: Reason; readonly first?: never };

/** Ends what somebody waits for. */
async function finish({ db, progress }: Deps, app: FoundApp, end: End): Promise<void> {
  if (app.is_awaited || end.first) {
    await transaction(db, async (tx) => {
      await end.first?.(tx);
      if (app.is_awaited) await endOperations(tx, app, end);
    });
  }
  progress.forget(app.id);
}

/** What was to bring about a generation that is given up has failed. */
async function endOperations(tx: Tx, app: FoundApp, end: End): Promise<void> {
  const { id: appId, generation, name, asked_at: until } = app;
  const givenUp = () => failGivenUp(tx, { appId, generation }, overtaken(name));
  const all = [...BRINGS_UP, 'stop'] as const;
  if ('failed' in end) {
    await together(givenUp(), finishOperations(tx, { appId, kinds: all, until }, end.failed));
    return;
  }
  const rest = all.filter((kind) => !end.succeeded.includes(kind));
  await together(
    givenUp(),
    finishOperations(tx, { appId, kinds: end.succeeded, until }, null),
    finishOperations(tx, { appId, kinds: rest, until }, overtaken(name)),
  );
}

async function setState({ db }: Deps, app: AppRow, next: State): Promise<void> {
  if (app.state === next.state && isDeepStrictEqual(app.reason, next.reason)) return;
  await updateState(db, app.id, next);
}
