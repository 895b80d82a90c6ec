/** Kernels of small machines often cannot limit memory; the engine then leaves such limits out. */
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { getApp } from '../apps/apps.ts';
import { deployApp } from '../apps/deploy.ts';
import { updateApp } from '../apps/update.ts';
import { storeOf } from '../apps.fixture.ts';
import { unheldBy } from '../engine/about.ts';
import { type Ask, type CrashWorld, createCrashWorld } from './crash.fixture.ts';

const store = storeOf({
  wiki: `, parameters: [{name: MEMORY, type: size, label: Memory, default: 64m}]}
services:
  web:
    image: good:1
    mem_limit: "\${MEMORY}"
    mem_reservation: 32m
    cpu_shares: 512
    healthcheck: { test: [CMD, "true"], interval: 5s, timeout: 1s, retries: 1 }
    restart: unless-stopped
`,
});

requires('postgres')('an engine that cannot hold all limits', () => {
  let world: CrashWorld;
  beforeAll(async () => {
    world = await createCrashWorld(store);
  });
  afterAll(() => world.close());

  const params = { app: 'wiki' };
  const deploy: Ask = (deps, caller) =>
    deployApp(deps, { body: { template: 'wiki', parameters: {} } }, caller);
  const update: Ask = (deps, caller) =>
    updateApp(deps, { params, body: { parameters: { MEMORY: '128m' } } }, caller);
  const nothing: Ask = async () => {};

  test.each([
    { of: 'all', unheld: unheldBy({ MemoryLimit: false, CPUShares: false }), drift: [] },
    { of: 'none', unheld: [], drift: [] },
  ])('runs apps, and updates them, as if it held $of', async ({ unheld, drift }) => {
    const { caller, engine, deps, id } = await world.begin({
      ...{ before: [deploy, update], change: nothing, unheld },
    });
    const [before] = await engine.engine.containers(id);

    await world.settle(engine, id);

    const [after, ...more] = await engine.engine.containers(id);
    expect([after?.id, more]).toEqual([before?.id, []]);
    expect(after?.limits).toMatchObject({
      memoryBytes: unheld.length > 0 ? 0 : 2 ** 27,
      cpuShares: unheld.length > 0 ? 0 : 512,
      pids: 512,
    });
    const shown = await getApp(deps, { params, query: { secrets: false } }, caller);
    expect(shown).toMatchObject({ state: 'running', services: [{ drift }] });
  });

  test('that does not tell is taken for one that can', () => {
    expect(unheldBy({})).toEqual([]);
    expect(unheldBy({ MemoryLimit: true, PidsLimit: false })).toEqual(['pids']);
  });
});
