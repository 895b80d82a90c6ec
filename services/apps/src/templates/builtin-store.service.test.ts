import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { createWorld, user, type World } from '../apps.fixture.ts';
import { loadBuiltinStore } from './builtin-store.ts';

// Images are pulled, and databases make their data.
jest.setTimeout(60_000);

/** Those of the store whose images the rig has; the others have no Debian package. */
const AVAILABLE = ['redis', 'postgres', 'nginx', 'python'];

requires('postgres', 'docker')('a template of the built-in store', () => {
  const ada = user();
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ store: await loadBuiltinStore() });
  });
  afterAll(() => world.close());

  test.each(AVAILABLE)('%s runs and is healthy with what it brings', async (template) => {
    const { operation } = await world.deploy(ada, { template });

    expect(await world.end(ada, operation)).toMatchObject({ state: 'succeeded', failure: null });
    expect(await world.show(ada, template)).toMatchObject({
      state: 'running',
      services: [{ state: 'running', health: 'healthy' }],
    });
  });
});
