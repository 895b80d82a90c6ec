/** A sample of what crash.service.test.ts tries, with a process that is killed and the real engine. */
import { readdir, stat } from 'node:fs/promises';
import type { Operation } from '@cep/contracts/operations';
import { eventually } from '@cep/testing/eventually';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { user } from '../apps.fixture.ts';
import { runDoomed } from '../run-doomed.fixture.ts';
import { boxes, createPoolWorld, type PoolWorld } from './pools.fixture.ts';

const here = { store: boxes };
const away = { ...here, host: 'unix:///nowhere' };
const LONG = 120_000;

requires('postgres', 'docker')('a service that is killed while it works in a pool', () => {
  let all: PoolWorld;
  const ada = user();
  beforeAll(async () => {
    all = await createPoolWorld();
    await all.put('fast', all.at('fast'));
  }, LONG);
  afterAll(() => all.close(), LONG);

  /** Asks a service without engine, and has another one die over it. */
  async function die(point: number, ask: () => Promise<{ operation: Operation }>) {
    await all.world.restart(away);
    const { operation } = await ask();
    await all.world.stop();
    expect(await runDoomed(all.world, point)).toBe('SIGKILL');
    await all.world.restart(here);
    return all.world.end(ada, operation);
  }
  const folders = async () => (await readdir(all.at('fast'))).filter((name) => !/^\./.test(name));
  /** Soon: what is swept when a service starts is a container, too. */
  const leaves = (wanted: { containers: string[]; volumes: number }) =>
    eventually(async () => {
      const { containers, volumes } = await all.world.left();
      const states = containers.map(({ State }) => State);
      expect({ containers: states, volumes: volumes.length }).toEqual(wanted);
    });

  test.each([1, 3, 6, 7, 9, 10, 12])(
    'makes an app, and takes it down with its volumes, though it dies at %d',
    async (point) => {
      const name = `box-${point}`;
      const pools = { '*': 'fast' };
      const made = await die(point, () => all.world.deploy(ada, { template: 'box', name, pools }));

      expect(made).toMatchObject({ state: 'succeeded' });
      await leaves({ containers: ['running'], volumes: 2 });
      const data = (await folders()).find((folder) => folder.endsWith('-data'));
      const sizeOfFile = async () => (await stat(all.at('fast', data ?? '', 'file'))).size;
      // The app runs as soon as it has begun to write.
      await eventually(async () => expect(await sizeOfFile()).toBe(3_000_000));

      const gone = await die(point, () => all.world.destroy(ada, name, true));

      expect(gone).toMatchObject({ state: 'succeeded' });
      await leaves({ containers: [], volumes: 0 });
      expect(await folders()).toEqual([]);
      expect(await readdir(all.at('fast', '.cep-trash'))).toEqual([]);
      expect(await all.volumesIn('fast', ada)).toEqual([]);
    },
    LONG,
  );
});
