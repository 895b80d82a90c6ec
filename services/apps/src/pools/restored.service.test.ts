import { mkdir, stat } from 'node:fs/promises';
import { addBackupTarget, createBackup, restoreBackup } from '@cep/contracts/backups';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { user } from '../apps.fixture.ts';
import { createPoolWorld, type PoolWorld } from './pools.fixture.ts';

const LONG = 60_000;

requires('postgres', 'docker')('pools beside other work', () => {
  let all: PoolWorld;
  const ada = user();
  beforeAll(async () => {
    all = await createPoolWorld();
  }, LONG);
  afterAll(() => all.close(), LONG);

  test(
    'either get an app or go, when both are asked for at once',
    async () => {
      for (const round of [1, 2, 3]) {
        await all.put('race', all.at('race'));
        const body = { template: 'box', name: `race-${round}`, pools: { data: 'race' } };
        const [deployed, removed] = await Promise.allSettled([
          all.deploy(ada, body),
          all.remove('race'),
        ]);
        expect([deployed.status, removed.status].toSorted()).toEqual(['fulfilled', 'rejected']);
        if (deployed.status === 'fulfilled') {
          expect(deployed.value).toMatchObject({ state: 'succeeded' });
          expect(removed).toMatchObject({ reason: { code: 'pool-in-use' } });
          await all.destroy(ada, body.name, true);
          await all.remove('race');
        } else {
          expect(deployed.reason).toMatchObject({ code: 'not-found' });
        }
      }
    },
    LONG,
  );

  test(
    'have what is restored, over an app and as a copy',
    async () => {
      await mkdir(all.at('backups'));
      await all.put('deep', all.at('deep'));
      await all.put('copies', all.at('copies'));
      const target = { name: 'disk', location: all.at('backups') };
      await all.world.call(all.root, addBackupTarget, { body: target });
      await all.deploy(ada, { template: 'box', name: 'four', pools: { data: 'deep' } });
      const first = await all.nameOf(ada, 'deep', 'four');
      const { backup, operation } = await all.world.call(ada, createBackup, {
        params: { app: 'four' },
        body: {},
      });
      expect(await all.world.end(ada, operation)).toMatchObject({ state: 'succeeded' });

      const restore = async (body: { as?: string; pools?: Record<string, string> }) =>
        all.world.end(
          ada,
          (
            await all.world.call(ada, restoreBackup, {
              params: { backup: backup.id },
              body: { parameters: {}, ...body },
            })
          ).operation,
        );
      expect(await restore({})).toMatchObject({ state: 'succeeded' });
      const states = (await all.volumesIn('deep', ada)).map(({ name, state }) => [name, state]);
      expect(states).toContainEqual([first, 'kept']);
      const second = states.find(([, state]) => state === 'used')?.[0] ?? '';
      const sizeOf = async (path: string) => (await stat(`${path}/file`)).size;
      expect(await sizeOf(all.at('deep', second))).toBe(3_000_000);

      expect(await restore({ as: 'copy', pools: { data: 'copies' } })).toMatchObject({
        state: 'succeeded',
      });
      expect(await sizeOf(all.at('copies', await all.nameOf(ada, 'copies', 'copy')))).toBe(
        3_000_000,
      );
      expect(await restore({ as: 'again' })).toMatchObject({ state: 'succeeded' });
      expect(await all.nameOf(ada, 'deep', 'again')).toContain('again');
    },
    2 * LONG,
  );
});
