/**
 * A service that dies before, or just after, any single call to the engine, and the next one that goes
 * on. The engine is in memory, so that every point can be tried.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import type { UserCaller } from '@cep/contracts/caller';
import { migrate } from '@cep/database/migrate';
import { connect } from '@cep/database/pool';
import { migrations as messagingMigrations } from '@cep/messaging/migrations';
import { createSealer } from '@cep/sealing/sealer';
import { testDatabase } from '@cep/testing/database';
import { expect, test } from '@jest/globals';
import type { Pool } from 'pg';
import type { Deps } from '../apps/deps.ts';
import { silent, user } from '../apps.fixture.ts';
import type { Engine } from '../engine/engine.ts';
import { createMemoryEngine, type MemoryEngine } from '../engine/memory-engine.fixture.ts';
import { onlyEngine } from '../engines/only-engine.fixture.ts';
import { createProgress } from '../operations/progress.ts';
import type { Store } from '../templates/builtin-store.ts';
import { reconcile } from './reconcile.ts';
import type { Limits } from './state.ts';

class Killed extends Error {}

/** What is asked for somebody's app. */
export type Ask = (deps: Deps, caller: UserCaller) => Promise<unknown>;

interface Asked {
  readonly before: readonly Ask[];
  readonly change: Ask;
  /** As of {@link createMemoryEngine}. */
  readonly unheld?: readonly (keyof Limits)[];
}

/** Makes nothing work any more once one call, the Nth, has begun or has ended. */
export function doom(point: { readonly call: number; readonly when: 'before' | 'after' }) {
  let calls = 0;
  let isDead = false;
  const live = () => {
    if (isDead) throw new Killed();
  };
  return {
    isDead: () => isDead,
    db: (db: Pool): Pool =>
      new Proxy(db, {
        get(target, name) {
          if (name === 'query' || name === 'connect') live();
          const value = Reflect.get(target, name) as unknown;
          return typeof value === 'function' ? value.bind(target) : value;
        },
      }),
    engine: (engine: Engine): Engine =>
      new Proxy(engine, {
        get: (target, name) => {
          const ask = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>;
          return async (...args: unknown[]) => {
            live();
            const isLast = calls++ === point.call;
            if (isLast && point.when === 'before') isDead = true;
            live();
            const answer = await Promise.resolve(ask(...args)).finally(() => {
              if (isLast) isDead = true;
            });
            live();
            return answer;
          };
        },
      }),
  };
}

export async function createCrashWorld(store: Store) {
  const sealer = createSealer(randomBytes(32).toString('base64'));
  const instance = randomUUID();
  const database = await testDatabase();
  await database.query('create schema apps');
  const databaseUrl = `${database.url}?options=-c%20search_path%3Dapps`;
  const directories = {
    apps: new URL('../../migrations/', import.meta.url),
    messaging: messagingMigrations,
  };
  await migrate({ databaseUrl, schema: 'apps', directories });
  const db = connect(databaseUrl, silent);

  const depsOf = (engine: Engine, pool: Pool = db) => ({
    ...{
      db: pool,
      sealer,
      instance,
      store,
      progress: createProgress(),
      timezone: 'UTC',
      language: 'en',
    },
    engines: onlyEngine(engine),
    backupImage: 'restic/restic:0.18.1',
    loop: { wake() {}, interrupt() {} },
    nudge() {},
  });

  /** Passes until nothing is left to do. */
  async function settle(engine: MemoryEngine, appId: string, deps = depsOf(engine.engine)) {
    for (let pass = 0; pass < 40; pass += 1) {
      const outcome = await reconcile(deps, appId, new AbortController().signal);
      if (outcome.is !== 'settled' || outcome.lookAgainIn === undefined) return;
      await engine.soon();
    }
    throw new Error('it does not settle');
  }

  /** A user's app, which was asked all of `before`; of `change` nothing is done yet. */
  async function begin({ before, change, unheld }: Asked) {
    const caller = user();
    const engine = createMemoryEngine(unheld);
    const deps = depsOf(engine.engine);
    const appId = async () =>
      (await db.query('select id from apps where project_id = $1', [caller.projectId])).rows[0]
        ?.id as string;
    for (const ask of before) {
      await ask(deps, caller);
      await settle(engine, await appId());
    }
    await change(deps, caller);
    return { caller, engine, deps, id: await appId() };
  }

  /** Dies at `point` of what is under way for the app. @returns whether it came that far */
  async function die(engine: MemoryEngine, appId: string, point: Parameters<typeof doom>[0]) {
    const end = doom(point);
    const doomed = depsOf(end.engine(engine.engine), end.db(db));
    await settle(engine, appId, doomed).catch((error: unknown) => {
      if (!end.isDead()) throw error;
    });
    return end.isDead();
  }

  return {
    ...{ db, depsOf, settle, begin, die },
    async close() {
      await db.end();
      await database.close();
    },
  };
}

export type CrashWorld = Awaited<ReturnType<typeof createCrashWorld>>;

interface Tried {
  /** @returns false when the change took fewer calls than that */
  readonly killAt: (call: number, when: 'before' | 'after') => Promise<boolean>;
  /** So many a change takes at least, or nothing was tried. */
  readonly moreThan: number;
  /** Milliseconds for all of them. */
  readonly within: number;
}

/** Tests a death before, and after, each call that a change takes. */
export function testEachCall({ killAt, moreThan, within }: Tried): void {
  test.each(['before', 'after'] as const)(
    '%s each call',
    async (when) => {
      let call = 0;
      while (await killAt(call, when)) call += 1;

      expect(call).toBeGreaterThan(moreThan);
    },
    within,
  );
}
