/**
 * Does what is to be done about the backups of an app, one thing at a time: each pass looks at the job
 * and at the engine, does the next thing, and says when to look again. So a crash anywhere costs
 * nothing: what was done is seen, what was not is done.
 */
import type { Reason } from '@cep/contracts/apps';
import { Problem } from '@cep/contracts/problems';
import { transaction } from '@cep/database/transaction';
import { updateState } from '../apps/store.ts';
import { isAway, isNoFolder, reasonOf } from '../engine/failures.ts';
import { helperName } from '../engine/names.ts';
import { type Ended, runHelper } from '../engine/run-helper.ts';
import type { Outcome } from '../reconciler/outcome.ts';
import { take } from '../reconciler/take.ts';
import { loadWork } from '../reconciler/work.ts';
import { type Asking, nextOf, WORDS } from './commands.ts';
import { loadDumps } from './dumps/load.ts';
import { endJob } from './end.ts';
import { countKill, failJob, type JobRow, updateFound, updateStep } from './job-store.ts';
import { makeVolumes } from './make-volumes.ts';
import { orderFor } from './order.ts';
import {
  failureOf,
  isInVain,
  isThere,
  percentOf,
  savedOf,
  snapshotsIn,
  wasKilled,
} from './outcome.ts';
import { quieten, unpause } from './quiet.ts';
import { completeBackup, getBackupById } from './store.ts';
import { getTargetById, type TargetRow } from './target-store.ts';
import { type Deps, isHelperOf, type Task } from './task.ts';
import { turn } from './turn.ts';

/** How a pass over a job ended. */
export type Advanced =
  /** Look at once: something was done. */
  | 'again'
  /** The job waits. Whether the app may meanwhile be brought to what it should be. */
  | { readonly isHeld: boolean; readonly outcome: Outcome };

/** How often it is looked how far restic is, milliseconds; its end is heard. */
const LOOK_MS = 1_000;

/** A job whose work was killed from outside so often has failed. */
const MOST_KILLS = 4;

/** So many lines of what a step prints are wanted, if not the last few: a line for each snapshot. */
const LINES: Partial<Record<Asking, number>> = { seek: 10_000 };

export async function advance(deps: Deps, job: JobRow, signal: AbortSignal): Promise<Advanced> {
  const whole = await getBackupById(deps.db, job.backup);
  const backup = { ...whole, contents: job.contents ?? whole.contents };
  const target = await getTargetById(deps.db, backup.target_id);
  try {
    return await pass(deps, { job, backup, target }, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (isAway(error)) {
      const reason = reasonOf(error);
      deps.progress.step(job.app_id, `waiting: ${reason.message} ${reason.next}`);
      return { isHeld: true, outcome: { is: 'failed', code: reason.code } };
    }
    if (job.failure) throw error;
    await failJob(deps.db, job.id, reasonFor(error, target));
    return 'again';
  }
}

async function pass(
  deps: Deps,
  known: Pick<Task, 'job' | 'backup' | 'target'>,
  signal: AbortSignal,
): Promise<Advanced> {
  const { job, backup } = known;
  const containers = await deps.engine.containers(job.app_id);
  // What is loaded lies in the container that has fetched it.
  const kept = helperName(job.id, job.step === 'load' ? 'fill' : job.step);
  const old = containers.filter((each) => isHelperOf(job, each) && each.name !== kept);
  for (const { id } of old) await deps.engine.remove(id, { volumes: true });
  const work = await loadWork(deps, job.app_id, await deps.engine.abilities());
  const task = { ...known, work, containers };
  switch (job.step) {
    case 'end':
      if (backup.mode === 'pause') await unpause(deps, task);
      await endJob(deps, task);
      return 'again';
    case 'turn':
      await turn(deps, task);
      return 'again';
    case 'fill':
      await makeVolumes(deps, task);
      return ask(deps, task, { step: 'fill', signal });
    case 'load':
      await loadDumps(deps, task, signal);
      await updateStep(deps.db, job.id, 'turn');
      return 'again';
    case 'save':
      if (await quieten(deps, task, signal)) return 'again';
      return ask(deps, task, { step: 'save', signal });
    case 'init':
    case 'unlock':
    case 'seek':
    case 'delete':
    case 'check':
      return ask(deps, task, { step: job.step, signal });
  }
}

interface Asked {
  readonly step: Asking;
  readonly signal: AbortSignal;
}

async function ask(deps: Deps, task: Task, { step, signal }: Asked): Promise<Advanced> {
  const { job, containers } = task;
  const { engine, progress } = deps;
  progress.step(job.app_id, WORDS[step]);
  const { name, payload, scope, files, prepare } = await orderFor(deps, task, { step, signal });
  const create = () => engine.createHelper(name, payload, scope);
  const pull = (image: string) => take(deps, task.work, { do: 'pull', image, after: [] }, signal);
  const helped = await runHelper(
    { engine, pull },
    { name, image: payload.Image, create, files, tail: LINES[step], ...(prepare && { prepare }) },
    containers,
  );
  switch (helped.is) {
    case 'moved':
      return 'again';
    case 'running': {
      if (isInVain(helped.lines)) {
        await fail(deps, task, { exitCode: 1, outOfMemory: false, lines: helped.lines });
        return 'again';
      }
      const percent = percentOf(helped.lines);
      if (percent !== undefined) progress.step(job.app_id, `${WORDS[step]}: ${percent} %`);
      await noteRest(deps, task);
      return { isHeld: isHeld(task), outcome: { is: 'settled', lookAgainIn: LOOK_MS } };
    }
    case 'ended':
      await conclude(deps, task, helped.ended);
      return 'again';
  }
}

/** Whether the app has to stay as it is while the job goes on. */
function isHeld({ job, backup }: Task): boolean {
  if (job.kind === 'restore') return job.is_fresh;
  if (job.kind !== 'backup') return false;
  return backup.cause === 'update' || (job.step === 'save' && backup.mode !== 'hot');
}

async function conclude(deps: Deps, task: Task, ended: Ended): Promise<void> {
  const { job, backup } = task;
  const { db } = deps;
  const saved = job.step === 'save' ? savedOf(ended) : undefined;
  if (!isDone(job, ended)) {
    const mayDoBetter = isCutOff(deps, task, ended);
    if (mayDoBetter && (await countKill(db, job.id)) < MOST_KILLS) return again(deps, task);
    return fail(deps, task, ended);
  }
  if (job.step === 'seek') return updateFound(db, job.id, snapshotsIn(ended));
  if (!saved) return updateStep(db, job.id, nextOf(job, backup.contents));
  await transaction(db, async (tx) => {
    const { snapshot, sizeBytes: size_bytes, addedBytes: added_bytes } = saved;
    await completeBackup(tx, backup.id, { snapshot, size_bytes, added_bytes });
    await updateStep(tx, job.id, nextOf(job, backup.contents));
  });
}

function fail({ db }: Deps, { job, target }: Task, ended: Ended): Promise<void> {
  const writes = job.step === 'fill' ? 'volumes' : 'target';
  return failJob(db, job.id, failureOf(ended, target.name, writes));
}

function isDone({ step }: JobRow, ended: Ended): boolean {
  if (step === 'init' && isThere(ended)) return true;
  return ended.exitCode === 0 && (step !== 'save' || savedOf(ended) !== undefined);
}

const helperOf = ({ job, containers }: Task) =>
  containers.find(({ name }) => name === helperName(job.id, job.step));

/** Whether what was done to it is to blame: an engine that ends leaves any code, and takes words along. */
function isCutOff({ foundAt }: Deps, task: Task, ended: Ended): boolean {
  const { startedAt = 0 } = helperOf(task) ?? {};
  return wasKilled(ended) || (!ended.outOfMemory && startedAt < foundAt());
}

/** What was killed is begun anew; it may have left a lock on what only one may work on. */
async function again({ db, engine }: Deps, task: Task): Promise<void> {
  const { job } = task;
  const helper = helperOf(task);
  if (helper) await engine.remove(helper.id, { volumes: true });
  if (['seek', 'delete', 'check'].includes(job.step)) await updateStep(db, job.id, 'unlock');
}

/** That the app rests is for its backup, and is said so. */
async function noteRest({ db }: Deps, { job, backup, work }: Task): Promise<void> {
  const { app } = work;
  const rests = job.kind === 'backup' && job.step === 'save' && backup.mode === 'stop';
  if (!rests || app?.wanted !== 'running' || app.state === 'stopped') return;
  const reason: Reason = {
    code: 'backup-running',
    message: `"${app.name}" rests while it is backed up.`,
    next: 'It starts again by itself.',
  };
  await updateState(db, app.id, { state: 'stopped', reason });
}

function reasonFor(error: unknown, { name, location }: TargetRow): Reason {
  if (error instanceof Problem) {
    return { code: 'failed', message: error.message, next: 'See "cep backup list".' };
  }
  if (!isNoFolder(error)) return reasonOf(error);
  return {
    code: 'target-unreachable',
    message: `The folder ${location} of the target "${name}" is not on the machine that runs the apps.`,
    next: `Make it there, e.g. "mkdir -p ${location}", or mount its disk; then try again.`,
  };
}
