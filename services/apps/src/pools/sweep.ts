/** What killed processes and machines have left of work in pools, and of what else is of no app. */
import type { Logger } from '@cep/logging/logger';
import type { Pool } from 'pg';
import type { LoneKind } from '../engine/lone-payload.ts';
import type { Engines } from '../engines/registry.ts';
import { emptyPool } from './folders.ts';
import type { Deps as RunDeps } from './run.ts';
import { findPools } from './store.ts';

interface Deps extends Pick<RunDeps, 'instance' | 'backupImage'> {
  readonly db: Pool;
  readonly engines: Engines;
  readonly log: Logger;
}

/** Pools are looked into at the first of so many sweeps: about once a day. */
const ROUND = 144;

export function createPoolSweep(deps: Deps): () => Promise<void> {
  let count = 0;
  let left: ReadonlySet<string> = new Set();
  return async () => {
    left = await removeHelpers(deps, left);
    if (count++ % ROUND === 0) await emptyAll(deps);
  };
}

const KINDS = ['pool', 'target'] as const satisfies LoneKind[];

/** Removes containers that rest and were there at the last sweep. @returns those that are there now */
async function removeHelpers(
  { engines, log }: Deps,
  before: ReadonlySet<string>,
): Promise<Set<string>> {
  const resting = new Set<string>();
  for (const { name, engine } of engines.reached()) {
    try {
      const helpers = (await Promise.all(KINDS.map((kind) => engine.loneHelpers(kind)))).flat();
      for (const { id } of helpers.filter(({ state }) => state !== 'running')) {
        if (before.has(id)) await engine.remove(id, { volumes: true });
        else resting.add(id);
      }
    } catch (error) {
      log.warn('helpers not removed', { engine: name, error });
    }
  }
  return resting;
}

async function emptyAll({ db, engines, log, ...deps }: Deps): Promise<void> {
  const reached = engines.reached();
  for (const { name, path, engine: on } of await findPools(db)) {
    const member = reached.find((each) => each.name === on);
    if (!member || path === null) continue;
    await emptyPool({ ...deps, engine: member.engine }, path).catch((error: unknown) =>
      log.warn('pool not swept', { pool: name, error }),
    );
  }
}
