/** Observes, plans, acts, and observes again, until the engine agrees with what an app should be. */
import { transaction } from '@cep/database/transaction';
import type { Sealer } from '@cep/sealing/sealer';
import type { Pool } from 'pg';
import { isPortTaken, reasonOf, takenPort } from '../engine/failures.ts';
import { moveClaim } from '../ports/store.ts';
import { concludeDestroyed, concludeFailed, concludeRunning, noteProgress } from './conclude.ts';
import { execute } from './execute.ts';
import type { Outcome } from './outcome.ts';
import { current, type Desired, type Observed } from './state.ts';
import { plan, type Step } from './steps.ts';
import { type Deps as TakeDeps, take } from './take.ts';
import { loadWork, type Work } from './work.ts';

export interface Deps extends TakeDeps {
  readonly db: Pool;
  readonly sealer: Sealer;
  readonly instance: string;
}

/** More rounds than any real change takes; each may have to pass over one port that is taken. */
const MAX_ROUNDS = 50;

/** Safe to run at any time, and again after any crash; one at a time for each app. */
export async function reconcile(deps: Deps, appId: string, signal: AbortSignal): Promise<Outcome> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    signal.throwIfAborted();
    let step: Step | undefined;
    let work: Work | undefined;
    try {
      const startInterval = await deps.engine.probesFast();
      work = await loadWork(deps, appId, startInterval);
      const observed = await observe(deps, appId, work.desired);
      const steps = plan(work.desired, observed);
      if (steps.length === 0) return await conclude(deps, work, observed);
      await noteProgress(deps, work, steps);
      const done = work;
      const failed = await execute(steps, (each) => take(deps, done, each, signal));
      signal.throwIfAborted();
      if (!failed) continue;
      step = failed.step;
      throw failed.error;
    } catch (error) {
      signal.throwIfAborted();
      if (step?.do === 'start' && work && (await movePort(deps, work, error))) continue;
      const reason = reasonOf(error, step);
      await concludeFailed(deps, appId, reason);
      return { is: 'failed', code: reason.code };
    }
  }
  throw new Error(`app ${appId} did not settle in ${MAX_ROUNDS} rounds`);
}

async function observe({ engine }: Deps, appId: string, desired: Desired): Promise<Observed> {
  const [containers, networks, volumes] = await Promise.all([
    engine.containers(appId),
    engine.networks(appId),
    engine.volumes(appId),
  ]);
  const observed = { containers, networks, volumes, missingImages: [] };
  if (desired.wanted === 'destroyed') return observed;
  const images = desired.containers
    .filter((each) => !current(each, observed))
    .map(({ image }) => image);
  const present = await Promise.all(
    [...new Set(images)].map(async (image) => ({ image, here: await engine.hasImage(image) })),
  );
  return { ...observed, missingImages: present.flatMap(({ image, here }) => (here ? [] : image)) };
}

async function conclude(deps: Deps, work: Work, observed: Observed): Promise<Outcome> {
  if (work.desired.wanted === 'running') return concludeRunning(deps, work, observed);
  await concludeDestroyed(deps, work);
  return { is: 'gone' };
}

/** Whether a start that met a stranger's port can be tried again with another. */
async function movePort({ db }: Deps, work: Work, error: unknown): Promise<boolean> {
  if (!isPortTaken(error)) return false;
  const port = takenPort(error);
  const claim = work.claims.find((each) => each.port === port) ?? work.claims[0];
  if (!claim || claim.fixed) return false;
  await transaction(db, (tx) => moveClaim(tx, work.identity.id, claim));
  return true;
}
