import type * as plans from '@cep/contracts/plans';
import { type Tx, transaction } from '@cep/database/transaction';
import { findJob } from '../backups/job-store.ts';
import { unavailable } from '../engine/failures.ts';
import { observe } from '../reconciler/observe.ts';
import { predict } from '../reconciler/predict.ts';
import { loadWork } from '../reconciler/work.ts';
import type { Deps } from './deps.ts';
import { imageChanges } from './image-changes.ts';
import type { AppRow } from './store.ts';

/** Carries what was foreseen out of the transaction that is taken back. */
class Foreseen extends Error {
  readonly plan: plans.Plan;

  constructor(plan: plans.Plan) {
    super('foreseen');
    this.plan = plan;
  }
}

interface Changed {
  readonly app: Pick<AppRow, 'id' | 'name' | 'engine'>;
  readonly review: plans.Plan['review'];
}

type Steps = plans.Plan['steps'];

/** As the steps are when the app is backed up before all of them. */
const afterBackup = (app: string, steps: Steps): Steps => [
  { do: 'back-up', what: app, after: [] },
  ...steps.map(({ after, ...step }) => ({
    ...step,
    after: after.length === 0 ? [1] : after.map((number) => number + 1),
  })),
];

/**
 * Makes a change, asks what the reconciler would do about it, and takes it back: so the plan is that
 * of the very change, with its ports and its refusals.
 *
 * @param change  gives the app, and what is to be seen of an update of it
 */
export async function foresee(
  deps: Deps,
  change: (tx: Tx) => Promise<Changed>,
): Promise<plans.Plan> {
  try {
    return await transaction(deps.db, async (tx) => {
      const { app, review } = await change(tx);
      const { id, name, engine: on } = app;
      const { engine } = await deps.engines.of(on);
      const abilities = await engine.abilities().catch(unavailable);
      const work = await loadWork({ ...deps, db: tx }, id, abilities);
      const observed = await observe(engine, work).catch(unavailable);
      const images = await imageChanges({ ...deps, db: tx, engine }, work);
      const bare = predict(work.desired, observed);
      const isBackedUp = (await findJob(tx, id)) !== undefined;
      const steps = isBackedUp ? afterBackup(name, bare) : bare;
      throw new Foreseen({ app: name, images, review, steps });
    });
  } catch (error) {
    if (error instanceof Foreseen) return error.plan;
    throw error;
  }
}
