/** The service dies before, and just after, each single call to the engine while a target is added. */
import type { UserCaller } from '@cep/contracts/caller';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { silent, storeOf, user } from '../apps.fixture.ts';
import { createMemoryEngine } from '../engine/memory-engine.fixture.ts';
import { createPoolSweep } from '../pools/sweep.ts';
import {
  type CrashWorld,
  createCrashWorld,
  doom,
  testEachCall,
} from '../reconciler/crash.fixture.ts';
import { addTarget, listTargets } from './targets.ts';

requires('postgres')('a service that is killed while it tries a place for backups', () => {
  let world: CrashWorld;
  const root: UserCaller = { ...user(), role: 'admin' };
  beforeAll(async () => {
    world = await createCrashWorld(storeOf({}));
  });
  afterAll(() => world.close());

  async function killAt(call: number, when: 'before' | 'after'): Promise<boolean> {
    const engine = createMemoryEngine();
    const end = doom({ call, when });
    const dying = world.depsOf(end.engine(engine.engine), end.db(world.db));
    const body = { name: 'disk', location: '/srv/backups' };
    const isKept = await addTarget(dying, { body }, root).then(
      () => true,
      () => false,
    );

    const deps = world.depsOf(engine.engine);
    const sweep = createPoolSweep({ ...deps, log: silent });
    await engine.soon();
    await sweep();
    await sweep();

    expect(engine.poolHelpers()).toEqual([]);
    expect((await listTargets(deps)).targets).toHaveLength(isKept ? 1 : 0);
    if (!isKept) await addTarget(deps, { body }, root);
    expect(engine.poolHelpers()).toEqual([]);
    await world.db.query('delete from backup_targets');
    return end.isDead();
  }

  testEachCall({ killAt, moreThan: 4, within: 60_000 });
});
