/**
 * Runs the programs that belong to a change of an app, in its own containers. Each is run once for a
 * generation: the engine's id of it is kept before it starts, so that after a crash the engine tells
 * whether it has, runs still, or has ended well. Only when it has not ended well, which may be since
 * nobody read any more what it prints, or when the engine has forgotten it, which it does when the
 * container or the engine was started anew, it is run again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { FoundApp } from '../apps/store.ts';
import type { Hook } from '../compose/model.ts';
import type { Engine } from '../engine/engine.ts';
import { Failure } from '../engine/failures.ts';
import { redact } from '../generations/redact.ts';
import { readFrames } from '../logs/frames.ts';
import type { Progress } from '../operations/progress.ts';
import { current, isSame, type Observed } from '../reconciler/state.ts';
import type { Work } from '../reconciler/work.ts';
import { type Run, updateRun } from './store.ts';

interface Deps {
  readonly db: Pool;
  readonly engine: Engine;
  readonly progress: Progress;
}

interface Now {
  readonly observed: Observed;
  readonly signal: AbortSignal;
}

/**
 * Before anything of an update is touched, but images, and before anything of an app that is to go.
 *
 * @returns whether something was run
 */
export const runBefore = (deps: Deps, work: Work, now: Now): Promise<boolean> =>
  runDue(deps, work, { ...now, phase: phaseBefore(work) });

function phaseBefore({ app }: Work): Hook['phase'] | undefined {
  if (app?.wanted === 'destroyed') return 'preDestroy';
  return app?.cause === 'update' ? 'preUpdate' : undefined;
}

/** When everything of a new generation runs, and before it counts as good. */
export const runAfter = (deps: Deps, work: Work, now: Now): Promise<boolean> =>
  runDue(deps, work, { ...now, phase: AFTER[work.app?.cause ?? 'rollback'] });

const AFTER = {
  ...({ deploy: 'postInstall', update: 'postUpdate' } as const),
  ...{ rollback: undefined, restore: undefined },
};

/** @throws {Failure} when it fails, or has failed before, and nothing is to go on without it */
async function runDue(
  deps: Deps,
  work: Work,
  { phase, ...now }: Now & { readonly phase: Hook['phase'] | undefined },
): Promise<boolean> {
  const { app, document } = work;
  const hook = document?.rendered.hooks?.find((each) => each.phase === phase);
  if (!hook || !app || !isDue(app, hook)) return false;
  const before = app.hooks[hook.phase];
  const isAskedAgain =
    before?.state === 'failed' && app.is_awaited && app.asked_at.getTime() > Date.parse(before.at);
  if (before && before.state !== 'begun' && !isAskedAgain) {
    if (before.state === 'failed' && hook.isVital) throw failure(hook, before);
    return false;
  }
  deps.progress.step(app.id, `running ${hook.phase} in ${hook.service}`);
  const run = await runOnce(deps, work, { hook, before, ...now });
  await updateRun(deps.db, { appId: app.id, number: app.generation }, hook.phase, run);
  if (run.state === 'failed' && hook.isVital) throw failure(hook, run);
  if (run.state === 'failed') deps.progress.step(app.id, failure(hook, run).message);
  return true;
}

/** That of an app which is to go is for any that has run; the others are for what is new of it. */
const isDue = ({ wanted, good, generation }: FoundApp, { phase }: Hook): boolean =>
  phase === 'preDestroy' ? good !== null : wanted === 'running' && good !== generation;

interface Due extends Now {
  readonly hook: Hook;
  readonly before: Run | undefined;
}

async function runOnce(deps: Deps, work: Work, due: Due): Promise<Run> {
  const { engine, db } = deps;
  const { hook, before, signal } = due;
  const known = before?.state === 'begun' && before.exec ? before.exec : undefined;
  const state = known ? await engine.execState(known) : undefined;
  const hasBegun = state !== undefined && (state.isRunning || state.exitCode !== null);
  if (known && hasBegun && (await untilEnd(engine, known, { hook, signal })) === 0) {
    return ended(0, LOST);
  }
  const container = containerOf(work, due);
  if (!container) return { ...START, ...at(), state: 'skipped', output: NOBODY };
  const inside = { appId: work.identity.id, id: container.id };
  const exec = known && state && !hasBegun ? known : await engine.prepare(inside, hook);
  const generation = { appId: work.identity.id, number: work.identity.generation };
  await updateRun(db, generation, hook.phase, { ...START, ...at(), state: 'begun', exec });
  const output = await outputOf(engine, exec, { hook, signal });
  const text = redact(output.text, work.secrets).slice(-LONGEST);
  if (output.isLate) {
    return { ...START, ...at(), state: 'failed', exec, output: `${text}\nIt did not end in time.` };
  }
  return ended(await untilEnd(engine, exec, { hook, signal }), text);
}

const LOST = 'The service was restarted meanwhile: what it printed is lost.';
const NOBODY = 'The service did not run.';
const START = { exec: null, exitCode: null, output: '' };
const at = () => ({ at: new Date().toISOString() });

const ended = (exitCode: number | null, output: string): Run => ({
  ...START,
  ...at(),
  state: exitCode === 0 ? 'succeeded' : 'failed',
  exitCode,
  output,
});

/** Before an end or an update the container that is to go, after it the one that has come. */
function containerOf({ desired }: Work, { hook, observed }: Due) {
  const running = observed.containers.filter(
    ({ service, state }) => service === hook.service && state === 'running',
  );
  if (hook.phase === 'preUpdate') {
    return running.find((each) => desired.kept.some((kept) => isSame(kept, each)));
  }
  if (hook.phase === 'preDestroy') return running[0];
  const wanted = desired.containers.find(({ service }) => service === hook.service);
  const found = wanted && current(wanted, observed);
  return running.find(({ id }) => id === found?.id);
}

type Limits = Pick<Due, 'hook' | 'signal'>;

/** So many characters of what it printed last are kept. */
const LONGEST = 16_384;

async function outputOf(engine: Engine, exec: string, { hook, signal }: Limits) {
  const late = AbortSignal.timeout(hook.timeout);
  const stream = await engine.perform(exec);
  const leave = () => stream.destroy();
  const either = AbortSignal.any([signal, late]);
  either.addEventListener('abort', leave, { once: true });
  let text = '';
  try {
    for await (const { bytes } of readFrames(stream)) {
      // Twice as much as is kept: what is cut off within a secret is not left over.
      text = (text + Buffer.from(bytes).toString()).slice(-2 * LONGEST);
    }
  } catch (error) {
    if (!either.aborted) throw error;
  } finally {
    either.removeEventListener('abort', leave);
  }
  signal.throwIfAborted();
  return { text: text.trim(), isLate: late.aborted };
}

const LOOK_MS = 100;

/** @returns its exit code; nothing when it has not ended in its time, or is not known any more */
async function untilEnd(engine: Engine, exec: string, { hook, signal }: Limits) {
  for (const until = Date.now() + hook.timeout; ; ) {
    const state = await engine.execState(exec);
    if (!state?.isRunning || Date.now() > until) return state?.exitCode ?? null;
    await sleep(LOOK_MS, undefined, { signal });
  }
}

function failure({ phase, service }: Hook, { exitCode, output }: Run): Failure {
  const how = exitCode === null ? 'did not end' : `ended with code ${exitCode}`;
  return new Failure({
    code: 'hook-failed',
    message: `${phase} in ${service} ${how}.${output && `\n${output.split('\n').slice(-20).join('\n')}`}`,
    next: 'See all that it printed with "cep apps history --json"; then ask for the change again.',
  });
}
