/** A service that starts where very many apps run, each as it should. */
import { Readable } from 'node:stream';
import { eventually } from '@cep/testing/eventually';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createWorld, storeOf, user, type World } from '../apps.fixture.ts';
import type { Engine } from '../engine/engine.ts';
import { createMemoryEngine } from '../engine/memory-engine.fixture.ts';

const APPS = 400;

const store = storeOf({ wiki: 'services: { web: { image: "good:1", restart: unless-stopped } }' });

requires('postgres', 'docker')('a service with many apps', () => {
  const memory = createMemoryEngine();
  const looks = new Map<string, number>();
  const changes: string[] = [];
  const count =
    (name: string, ask: (...given: never[]) => Promise<unknown>) =>
    (...given: never[]) => {
      changes.push(name);
      return ask(...given);
    };
  const engine = {
    ...memory.engine,
    createContainer: count('create', memory.engine.createContainer),
    start: count('start', memory.engine.start),
    remove: count('remove', memory.engine.remove),
    // Nothing happens until the service ends.
    async events(signal: AbortSignal) {
      return new Readable({ signal, objectMode: true, read() {} });
    },
    containers(appId: string) {
      looks.set(appId, (looks.get(appId) ?? 0) + 1);
      return memory.engine.containers(appId);
    },
  } as Engine;
  const failed: string[] = [];
  const log = {
    info() {},
    warn: (what: string) => failed.push(what),
    error: (what: string) => failed.push(what),
  };
  const options = { store, log, intercept: () => engine };
  const caller = user();
  let world: World;
  beforeAll(async () => {
    world = await createWorld(options);
    for (let n = 0; n < APPS; n += 1)
      await world.deploy(caller, { template: 'wiki', name: `wiki-${n}` });
    await eventually(
      async () => {
        const query = "select from operations where state <> 'succeeded'";
        const { rowCount } = await world.db.query(query);
        if (rowCount) throw new Error(`${rowCount} do not run yet`);
      },
      { within: 30_000 },
    );
  }, 90_000);
  afterAll(() => world.close());

  test('looks at each, fails for none, and changes nothing', async () => {
    looks.clear();
    changes.length = 0;
    failed.length = 0;

    await world.restart(options);
    await eventually(async () => expect(looks.size).toBe(APPS), { within: 15_000 });
    const { rows } = await world.db.query<{ state: string; count: string }>(
      'select state, count(*) from apps where reason is null group by state',
    );

    expect(rows).toEqual([{ state: 'running', count: String(APPS) }]);
    expect({ changes, failed }).toEqual({ changes: [], failed: [] });
  }, 30_000);
});
