/** Observes, plans, acts, and observes again, until the engine agrees with what an app should be. */
import { transaction } from '@cep/database/transaction';
import type { Sealer } from '@cep/sealing/sealer';
import type { Pool } from 'pg';
import { findEngineOf } from '../apps/store.ts';
import { advance } from '../backups/job.ts';
import { findJob, type JobRow } from '../backups/job-store.ts';
import { isHelperOf } from '../backups/task.ts';
import { USUAL } from '../engine/about.ts';
import { Failure, isPortTaken, portTaken, reasonOf, takenPort } from '../engine/failures.ts';
import type { Member } from '../engines/member.ts';
import type { Engines } from '../engines/registry.ts';
import { FRONT } from '../front/front.ts';
import { fileNow } from '../front/point.ts';
import { runBefore } from '../hooks/run.ts';
import { type Claim, moveClaim } from '../ports/store.ts';
import {
  concludeDestroyed,
  concludeFailed,
  concludeRunning,
  concludeStopped,
  type Now,
  noteProgress,
} from './conclude.ts';
import { execute } from './execute.ts';
import { observe } from './observe.ts';
import type { Outcome } from './outcome.ts';
import { current, isSame, type Observed } from './state.ts';
import type { Step } from './step.ts';
import { plan } from './steps.ts';
import { findTaken } from './strangers.ts';
import { lockPresent, type Deps as TakeDeps, take } from './take.ts';
import { loadWork, type Work } from './work.ts';

export interface Deps extends Pick<TakeDeps, 'progress'> {
  readonly db: Pool;
  readonly sealer: Sealer;
  readonly instance: string;
  readonly backupImage: string;
  /** Where images may come from; from anywhere when left out. */
  readonly registries?: readonly string[] | undefined;
  readonly engines: Engines;
  /** Looks at an app again soon. */
  readonly nudge: (appId: string) => void;
}

/** More rounds than any real change takes; each may have to pass over one port that is taken. */
const MAX_ROUNDS = 50;

/** A job is looked at this often at least, milliseconds. */
const JOB_MS = 1_000;

/** What one engine is asked with. */
type Seat = Deps & Pick<Member, 'engine' | 'limits' | 'sight' | 'prober' | 'foundAt'>;

/** Safe to run at any time, and again after any crash; one at a time for each app. */
export async function reconcile(deps: Deps, appId: string, signal: AbortSignal): Promise<Outcome> {
  const on = await findEngineOf(deps.db, appId);
  if (on !== undefined) return settle({ ...deps, ...(await deps.engines.of(on)) }, appId, signal);
  // What is left of something that is no app any more may be anywhere.
  for (const member of deps.engines.reached()) {
    const outcome = await settle({ ...deps, ...member }, appId, signal);
    if (outcome.is !== 'gone') return outcome;
  }
  return { is: 'gone' };
}

async function settle(deps: Seat, appId: string, signal: AbortSignal): Promise<Outcome> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    signal.throwIfAborted();
    const job = await findJob(deps.db, appId);
    const advanced = job && (await advance(deps, job, signal));
    if (advanced === 'again') continue;
    if (advanced?.isHeld) return advanced.outcome;
    // Without the engine what is wanted can still be read, and be said to wait.
    const abilities = await deps.engine.abilities().catch(() => USUAL);
    const { startInterval } = abilities;
    const work = await loadWork(deps, appId, abilities);
    if (await lockPresent(deps, work)) continue;
    const outcome = await pass(job ? beside(deps) : deps, { work, startInterval, job }, signal);
    if (outcome === 'again') continue;
    return advanced ? sooner(advanced.outcome, outcome) : outcome;
  }
  throw new Error(`app ${appId} did not settle in ${MAX_ROUNDS} rounds`);
}

/** While a job goes on beside the app, how far that is stays what is told. */
const beside = (deps: Seat): Seat => ({
  ...deps,
  progress: { ...deps.progress, forget: deps.progress.touch },
});

/** While a job goes on beside the app, it is looked at however the app is. */
function sooner(job: Outcome, app: Outcome): Outcome {
  const waits = [job, app].flatMap((each) => (each.is === 'settled' && each.lookAgainIn) || []);
  return { is: 'settled', lookAgainIn: Math.min(...waits, JOB_MS) };
}

interface Task {
  readonly work: Work;
  /** What is being done about the app's backups beside it. */
  readonly job: JobRow | undefined;
  /** Whether the engine itself probes fast what starts. */
  readonly startInterval: boolean;
}

async function pass(
  deps: Seat,
  { work, startInterval, job }: Task,
  signal: AbortSignal,
): Promise<Outcome | 'again'> {
  let step: Step | undefined;
  try {
    const all = await observe(deps.engine, work);
    const seen = job ? withoutHelpers(all, job) : all;
    const observed = startInterval ? seen : probed(deps, work, seen);
    const steps = plan(work.desired, observed);
    const isReady = !steps.some((each) => each.do === 'pull' || each.do === 'lock');
    const taken = isReady && (await findTaken(deps, work, { observed, steps }));
    if (taken) {
      if (await movePort(deps, work, taken)) return 'again';
      throw new Failure(portTaken(taken.port));
    }
    if (isReady && (await runBefore(deps, work, { observed, signal }))) return 'again';
    if (steps.length === 0) return await conclude(deps, work, { observed, signal });
    const told = withFrontFile(work, observed);
    // Beside each other: no step waits until it is written down that there are some.
    const [failed, noted] = await Promise.all([
      execute(steps, (each) => take(deps, told, each, signal)),
      noteProgress(deps, work, steps).catch((error: unknown) => ({ error })),
    ]);
    signal.throwIfAborted();
    if (noted) throw noted.error;
    if (!failed) return 'again';
    step = failed.step;
    throw failed.error;
  } catch (error) {
    signal.throwIfAborted();
    const taken = step?.do === 'start' && isPortTaken(error) && claimOf(work, takenPort(error));
    if (taken && (await movePort(deps, work, taken))) return 'again';
    return concludeFailed(deps, work, reasonOf(error, step));
  }
}

const withoutHelpers = (seen: Observed, job: JobRow): Observed => ({
  ...seen,
  containers: seen.containers.filter((each) => !isHelperOf(job, each)),
});

/** What starts is probed by us, where the engine takes its time. */
function probed({ prober, nudge }: Seat, work: Work, observed: Observed): Observed {
  const containers = observed.containers.map((container) => {
    const healthcheck = work.healthchecks.get(container.service);
    const isWanted = work.desired.containers.some((each) => isSame(each, container));
    if (!healthcheck || !isWanted) return container;
    const { id: appId } = work.identity;
    return prober.look(container, { appId, healthcheck, onHealthy: () => nudge(appId) });
  });
  return { ...observed, containers };
}

/** What starts as the front of the app is told first where to. */
function withFrontFile(work: Work, observed: Observed): Work {
  const file = fileNow(work, observed);
  const wanted = work.desired.containers.find(({ service }) => service === FRONT);
  if (!file || !wanted) return work;
  const name = current(wanted, observed)?.name ?? wanted.name;
  return { ...work, files: new Map([...work.files, [name, [file]]]) };
}

async function conclude(deps: Seat, work: Work, now: Now): Promise<Outcome | 'again'> {
  switch (work.desired.wanted) {
    case 'running':
      return concludeRunning(deps, work, now);
    case 'stopped':
      return concludeStopped(deps, work);
    case 'destroyed':
      await concludeDestroyed(deps, work);
      return { is: 'gone' };
  }
}

const claimOf = ({ claims }: Work, port: number | undefined): Claim | undefined =>
  claims.find((each) => each.port === port) ?? claims[0];

/** Whether what met a stranger's port can be tried again with another. */
async function movePort({ db }: Deps, work: Work, claim: Claim): Promise<boolean> {
  if (claim.fixed) return false;
  await transaction(db, (tx) => moveClaim(tx, work.identity.id, claim));
  return true;
}
