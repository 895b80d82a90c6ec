/** Keeps the services of an app from writing while their data is copied, and lets them go on. */
import { execute } from '../reconciler/execute.ts';
import { isActive, type ObservedContainer } from '../reconciler/state.ts';
import { plan } from '../reconciler/steps.ts';
import { take } from '../reconciler/take.ts';
import { type Deps, isHelperOf, type Task } from './task.ts';

/** @returns whether something had to be done: it is to be looked at again */
export async function quieten(deps: Deps, task: Task, signal: AbortSignal): Promise<boolean> {
  switch (task.backup.mode) {
    case 'hot':
      return false;
    case 'pause':
      return pause(deps, task);
    case 'stop':
      return stop(deps, task, signal);
  }
}

const ownOf = ({ job, containers }: Task): ObservedContainer[] =>
  containers.filter((each) => !isHelperOf(job, each));

/** As when the app is stopped: those that depend on others first. */
async function stop(deps: Deps, task: Task, signal: AbortSignal): Promise<boolean> {
  const { work } = task;
  const containers = ownOf(task);
  if (!containers.some(isActive)) return false;
  deps.progress.step(task.job.app_id, 'stopping containers');
  const resting = { ...work.desired, wanted: 'stopped' as const };
  const seen = { containers, networks: [], volumes: [], unowned: [], missingImages: [] };
  const failed = await execute(plan(resting, seen), (step) => take(deps, work, step, signal));
  if (failed) throw failed.error;
  return true;
}

async function pause({ engine }: Deps, task: Task): Promise<boolean> {
  const active = ownOf(task).filter(({ state }) => state === 'running' || state === 'restarting');
  for (const { id } of active) await engine.pause(id);
  return active.length > 0;
}

export async function unpause({ engine }: Pick<Deps, 'engine'>, task: Task): Promise<void> {
  const paused = ownOf(task).filter(({ state }) => state === 'paused');
  for (const { id } of paused) await engine.unpause(id);
}
