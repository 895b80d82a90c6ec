import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { createWorld, user, type World } from '../apps.fixture.ts';
import { loadBuiltinStore } from './builtin-store.ts';
import { prove } from './probe.fixture.ts';

// Images are pulled, and databases make their data.
jest.setTimeout(120_000);

/** Those of the store whose images the rig has: the others have no package of Debian or npm. */
const AVAILABLE = [
  'mariadb',
  'miniflux',
  'mosquitto',
  'nginx',
  'node-red',
  'postgres',
  'prometheus',
  'python',
  'rabbitmq',
  'radicale',
  'redis',
  'registry',
  'syncthing',
  'wordpress',
];

requires('postgres', 'docker')('a template of the built-in store', () => {
  const ada = user();
  let world: World;
  let store: Awaited<ReturnType<typeof loadBuiltinStore>>;
  beforeAll(async () => {
    store = await loadBuiltinStore();
    world = await createWorld({ store });
  });
  afterAll(() => world.close());

  test.each(AVAILABLE)('%s runs, is healthy, and does what it is for', async (template) => {
    const { operation } = await world.deploy(ada, { template });

    expect(await world.end(ada, operation)).toMatchObject({ state: 'succeeded', failure: null });
    const app = await world.show(ada, template);
    expect(app).toMatchObject({
      state: 'running',
    });
    for (const service of app.services) {
      expect(service).toMatchObject({ state: 'running', health: 'healthy' });
    }
    for (const probe of store.templates.get(template)?.tests?.probe ?? []) {
      await prove(world.docker, app, probe);
    }
    await world.end(ada, (await world.destroy(ada, template, true)).operation);
  });
});
