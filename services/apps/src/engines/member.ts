/** One engine as the rest of the service uses it. */
import { availableParallelism } from 'node:os';
import type { Logger } from '@cep/logging/logger';
import type { Pool } from 'pg';
import type { Description } from '../engine/about.ts';
import type { Engine } from '../engine/engine.ts';
import type { Lost } from '../engine/failures.ts';
import type { Machine } from '../engine/machine.ts';
import { registryOf } from '../engine/policy/images.ts';
import { createLimit, createLimits, type Limit } from '../reconciler/limit.ts';
import type { Loop } from '../reconciler/loop.ts';
import { createProber, type Prober } from '../reconciler/prober.ts';
import { startWatch } from '../reconciler/watch.ts';
import { LOCAL } from './local.ts';
import { createReach, within } from './reach.ts';
import type { Sight } from './sight.ts';
import { type EngineRow, updateLocalId } from './store.ts';

export interface Member {
  readonly name: string;
  /** Whatever is asked of it fails at once while it is not reached, and says so. */
  readonly engine: Engine;
  /** As it said when it was last met; before that, what is supposed. */
  readonly machine: Machine;
  /** The IPv4 addresses of its machine that apps may be bound to. */
  readonly hostAddresses: () => Promise<readonly string[]>;
  /** How much it is asked to do at once, and how many images of a registry it pulls at once. */
  readonly limits: {
    readonly steps: Limit;
    /** By the name of an image: of each registry a few. */
    readonly pulls: (image: string) => Limit;
  };
  /** What is known of the machine that it is on, besides what it says. */
  readonly sight: {
    isTaken: Sight['isTaken'];
    /** Where it keeps images. */
    freeBytes(): Promise<number | undefined>;
  };
  readonly prober: Prober;
  lost(): Lost | undefined;
  /** As {@link Reach.foundAt}. */
  foundAt(): number;
  /** As it described itself when it was last met. */
  description(): Description | undefined;
  stop(): void;
}

interface Deps {
  readonly db: Pool;
  readonly loop: Loop;
  readonly log: Logger;
}

interface Given extends Pick<Member, 'engine' | 'hostAddresses'> {
  readonly platform: string;
  readonly row: EngineRow;
  readonly sight: Sight;
}

const PULLS_AT_ONCE = 3;

/** One registry that hangs does not keep others from what they have. */
function pullLimits() {
  const limitOf = createLimits(PULLS_AT_ONCE);
  return (image: string) => limitOf(registryOf(image));
}

/** Connects, and connects again whenever it has to, until it is stopped. */
export function connectMember({ db, loop, log }: Deps, given: Given): Member {
  const { row, engine: bare, platform, hostAddresses, sight } = given;
  const reach = createReach(row.name);
  const engine = within(bare, reach);
  const prober = createProber(engine);
  let description: Description | undefined;
  const meet = async () => {
    const met = await bare.describe();
    await recognise(db, row, met);
    description = met;
  };
  const watch = startWatch({ name: row.name, engine: bare, reach, meet, db, loop, log });
  return {
    ...{ name: row.name, engine, hostAddresses, prober },
    get machine() {
      return description ?? { platform };
    },
    limits: {
      steps: createLimit(2 * availableParallelism()),
      pulls: pullLimits(),
    },
    sight: {
      isTaken: sight.isTaken,
      freeBytes: async () => description && sight.freeBytes(description.root),
    },
    lost: reach.lost,
    foundAt: reach.foundAt,
    description: () => description,
    stop() {
      watch.stop();
      prober.stop();
    },
  };
}

/**
 * An engine without its data is another one: apps that are told to be there are not, and must not be
 * made anew, empty, without anybody having asked for it.
 *
 * @throws {Error} when it is not the engine that it should be
 */
async function recognise(db: Pool, { name, engine_id }: EngineRow, { id }: Description) {
  if (name === LOCAL) return updateLocalId(db, id);
  if (id === engine_id) return;
  throw new Error('another Docker answers there than the one that was added');
}
