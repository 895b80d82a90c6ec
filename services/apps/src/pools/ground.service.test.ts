import { chmod, chown, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createPoolWorld, isThere, type PoolWorld } from './pools.fixture.ts';

const LONG = 60_000;

requires('postgres', 'docker')('pools', () => {
  let all: PoolWorld;
  beforeAll(async () => {
    all = await createPoolWorld();
  }, LONG);
  afterAll(() => all.close(), LONG);

  describe('are not made', () => {
    test.each([
      '/etc/pool',
      '/',
      '/var',
      '/var/lib/docker/volumes/x',
      'srv/x',
      '/srv/../etc/x',
      '/srv//x',
      '/srv/$(id)',
    ])('of %s', async (path) => {
      await expect(all.put('bad', path)).rejects.toMatchObject({ code: 'invalid-request' });
    });

    const refused = async (path: string) => {
      await expect(all.put('bad', path)).rejects.toMatchObject({ code: 'pool-unusable' });
      expect((await all.world.db.query("select from pools where name = 'bad'")).rowCount).toBe(0);
    };

    test('of a folder with other things in it, which stay', async () => {
      await mkdir(all.at('full'));
      await writeFile(all.at('full', 'letter'), 'dear');
      await refused(all.at('full'));
      expect(await readdir(all.at('full'))).toEqual(['letter']);
    });

    test('of a link, of what is behind one, and of a file', async () => {
      await symlink('/etc', all.at('link'));
      await refused(all.at('link'));
      await refused(all.at('link', 'pool'));
      expect(await isThere('/etc/pool')).toBe(false);
      await writeFile(all.at('file'), '');
      await refused(all.at('file'));
    });

    test('where others than root may change the way there', async () => {
      await mkdir(all.at('loose'));
      await chmod(all.at('loose'), 0o777);
      await refused(all.at('loose', 'pool'));
      await mkdir(all.at('eves'));
      await chown(all.at('eves'), 1234, 1234);
      await refused(all.at('eves', 'pool'));
      expect(await readdir(all.at('eves'))).toEqual([]);
    });

    test('where Docker itself keeps things', async () => {
      const { DockerRootDir: own } = await all.world.docker.info();
      await expect(all.put('bad', `${own}/volumes`)).rejects.toMatchObject({
        code: 'invalid-request',
      });
    });
  });
});
