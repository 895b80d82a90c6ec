import { mkdir, readdir, rename, stat } from 'node:fs/promises';
import { deleteVolume } from '@cep/contracts/volumes';
import { eventually } from '@cep/testing/eventually';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { user } from '../apps.fixture.ts';
import { createPoolWorld, isThere, type PoolWorld } from './pools.fixture.ts';

const LONG = 60_000;

requires('postgres', 'docker')('pools', () => {
  let all: PoolWorld;
  const ada = user();
  beforeAll(async () => {
    all = await createPoolWorld();
  }, LONG);
  afterAll(() => all.close(), LONG);

  test(
    'are made once, of a folder that is made with them, and shown with what they have',
    async () => {
      const path = all.at('first', 'pool');
      const made = await all.put('first', `${path}/`);
      expect(made).toMatchObject({ name: 'first', engine: 'local', path, state: 'ready' });
      expect((await stat(path)).mode & 0o777).toBe(0o700);
      expect(await readdir(path)).toEqual(['.cep-pool']);

      expect(await all.put('first', path)).toEqual(made);
      const shown = await all.show('first', ada);
      expect(shown).toMatchObject({ volumes: [], usedBytes: 0, isOwn: false });
      expect(shown.totalBytes).toBeGreaterThan(shown.freeBytes ?? Number.POSITIVE_INFINITY);
      const own = await all.show('default', ada);
      expect(own).toMatchObject({ isOwn: true, state: 'ready' });
      expect(own.totalBytes).toBeGreaterThan(0);

      await expect(all.put('first', all.at('other'))).rejects.toMatchObject({ code: 'name-taken' });
      expect(await isThere(all.at('other'))).toBe(false);
      await all.remove('first');
      expect(await readdir(path)).toEqual([]);
      await expect(all.show('first', ada)).rejects.toMatchObject({ code: 'not-found' });
    },
    LONG,
  );

  test('are for administrators to make and to delete, and those of engines stay', async () => {
    const forbidden = { code: 'forbidden' };
    await expect(all.put('ada', all.at('ada'), ada)).rejects.toMatchObject(forbidden);
    await expect(all.remove('default', ada)).rejects.toMatchObject(forbidden);
    await expect(all.remove('default')).rejects.toMatchObject({ code: 'invalid-request' });
    await expect(all.remove('none')).rejects.toMatchObject({ code: 'not-found' });
  });

  test(
    'are never in one another, also when both are made at once',
    async () => {
      const asked = [all.at('outer'), all.at('outer/a'), all.at('outer/a/b'), all.at('outer')];
      const answers = await Promise.allSettled(
        asked.map((path, index) => all.put(`nested-${index}`, path)),
      );
      const made = answers.filter(({ status }) => status === 'fulfilled');
      expect(made).toHaveLength(1);
      for (const answer of answers) {
        if (answer.status === 'rejected') {
          expect(answer.reason).toMatchObject({ code: 'pool-overlaps' });
        }
      }
      await all.put('beside', all.at('outer-2'));

      const same = await Promise.all([1, 2, 3].map(() => all.put('same', all.at('same'))));
      expect(new Set(same.map(({ createdAt }) => createdAt)).size).toBe(1);
    },
    LONG,
  );

  test(
    'keep the data of apps, are measured, and stay until it is gone',
    async () => {
      const path = all.at('fast');
      await all.put('fast', path);
      expect(
        await all.deploy(ada, { template: 'box', name: 'one', pools: { data: 'fast' } }),
      ).toMatchObject({ state: 'succeeded' });

      const [volume] = await all.volumesIn('fast', ada);
      const name = volume?.name ?? '';
      expect(volume).toMatchObject({ volume: 'data', state: 'used', path: `${path}/${name}` });
      expect(volume?.sizeBytes).toBeGreaterThanOrEqual(3_000_000);
      expect(await readdir(`${path}/${name}`)).toEqual(['file']);
      expect((await all.volumesIn('default', ada)).map((each) => each.volume)).toEqual(['cache']);
      const shown = await all.show('fast', ada);
      expect(shown.volumes).toMatchObject([{ name, app: 'one' }]);
      expect(shown.usedBytes).toBe(volume?.sizeBytes);
      expect((await all.show('fast', user())).volumes).toEqual([]);
      await expect(all.remove('fast')).rejects.toMatchObject({
        code: 'pool-in-use',
        members: { volumes: [name] },
      });

      const { ino } = await stat(`${path}/${name}/file`);
      await all.destroy(ada, 'one');
      await expect(all.remove('fast')).rejects.toMatchObject({ code: 'pool-in-use' });
      expect(await all.volumesIn('fast', ada)).toMatchObject([{ name, state: 'kept' }]);
      const elsewhere = { template: 'box', name: 'one', pools: { data: 'default' } };
      await expect(all.deploy(ada, elsewhere)).rejects.toMatchObject({ code: 'volume-fixed' });
      await all.deploy(ada, { template: 'box', name: 'one' });
      expect((await stat(`${path}/${name}/file`)).ino).toBe(ino);

      await all.destroy(ada, 'one');
      await all.purge('fast', name, ada);
      expect(await isThere(`${path}/${name}`)).toBe(false);
      expect(await readdir(`${path}/.cep-trash`)).toEqual([]);
      await expect(all.purge('fast', name, ada)).rejects.toMatchObject({ code: 'not-found' });
      await all.remove('fast');
      expect(await readdir(path)).toEqual([]);
    },
    LONG,
  );

  test(
    'are had by a volume that is deleted later, until then; and by a restarted service',
    async () => {
      const path = all.at('slow');
      await all.put('slow', path);
      await all.deploy(ada, { template: 'box', name: 'two', pools: { '*': 'slow' } });
      await all.world.restart();
      await all.destroy(ada, 'two');
      const name = await all.nameOf(ada, 'slow', 'two');
      await all.world.call(ada, deleteVolume, {
        params: { pool: 'slow', volume: name },
        query: { purge: false },
      });
      expect(await isThere(`${path}/${name}`)).toBe(true);
      await expect(all.remove('slow')).rejects.toMatchObject({ code: 'pool-in-use' });

      await all.world.stop();
      await all.world.db.query("update volume_deletions set leaves_at = now() - interval '1 s'");
      await all.world.restart();
      await eventually(async () => expect(await isThere(`${path}/${name}`)).toBe(false), {
        within: 15_000,
      });
      await all.purge('slow', await all.nameOf(ada, 'slow', 'two', 'cache'), ada);
      await all.remove('slow');
    },
    LONG,
  );

  test(
    'whose disk is away fail apps, and make nothing in its place',
    async () => {
      const path = all.at('disk');
      await all.put('disk', path);
      await rename(path, all.at('away'));
      await mkdir(path);
      const { operation } = await all.world.deploy(ada, {
        template: 'box',
        name: 'three',
        pools: { data: 'disk' },
      });
      const failed = await all.world.reaches(ada, 'three', 'failed');
      expect(failed.reason).toMatchObject({ code: 'pool-unusable' });
      expect(await readdir(path)).toEqual([]);
      expect(await all.show('disk', ada)).toMatchObject({ state: 'unusable', totalBytes: null });
      expect(await all.world.end(ada, operation)).toMatchObject({ state: 'failed' });
      await rename(path, all.at('empty'));
      await rename(all.at('away'), path);
      await all.deploy(ada, { template: 'box', name: 'three' });
      await all.world.reaches(ada, 'three', 'running');
      expect(await readdir(path)).toContain(await all.nameOf(ada, 'disk', 'three'));
      await all.destroy(ada, 'three', true);
      expect(await all.volumesIn('disk', ada)).toEqual([]);
      await all.remove('disk');
    },
    LONG,
  );

  test(
    'are named by templates, and have to be there',
    async () => {
      await expect(all.deploy(ada, { template: 'bulky' })).rejects.toMatchObject({
        code: 'not-found',
      });
      await expect(
        all.deploy(ada, { template: 'bulky', pools: { nothing: 'default' } }),
      ).rejects.toMatchObject({ code: 'invalid-request' });
      await all.put('bulk', all.at('bulk'));
      await all.deploy(ada, { template: 'bulky' });
      expect(await all.volumesIn('bulk', ada)).toMatchObject([{ app: 'bulky', state: 'used' }]);
      await all.deploy(ada, { template: 'bulky', name: 'plain', pools: { '*': 'default' } });
      expect((await all.volumesIn('default', ada)).map(({ app }) => app)).toContain('plain');
      await all.destroy(ada, 'bulky', true);
      await all.remove('bulk');
    },
    LONG,
  );
});
