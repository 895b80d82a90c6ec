/** Places for backups, tried by the real engine and the real restic. */
import { chmod, chown, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as contract from '@cep/contracts/backups';
import type { UserCaller } from '@cep/contracts/caller';
import { run } from '@cep/testing/install/commands';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createWorld, storeOf, user, type World } from '../apps.fixture.ts';

const LONG = 60_000;

requires('postgres', 'docker')('a place for backups', () => {
  let world: World;
  let folder: string;
  const root: UserCaller = { ...user(), role: 'admin' };
  beforeAll(async () => {
    world = await createWorld({ store: storeOf({}) });
    folder = await mkdtemp(join(tmpdir(), 'cep-targets-'));
  }, LONG);
  afterAll(async () => {
    await world.close();
    await rm(folder, { recursive: true, force: true });
  }, LONG);

  type Body = Parameters<typeof world.call<typeof contract.addBackupTarget>>[2]['body'];
  const add = (name: string, location: string, more: Partial<Body> = {}) =>
    world.call(root, contract.addBackupTarget, { body: { name, location, ...more } });
  const check = (target: string, who = root) =>
    world.call(who, contract.checkBackupTarget, { params: { target }, body: {} });
  const names = async () =>
    (await world.call(root, contract.listBackupTargets, {})).targets.map(({ name }) => name);
  /** A file system of its own, mounted there while `use` is at it. */
  async function mounted(options: string, use: (path: string) => Promise<void>) {
    const path = await mkdtemp(join(folder, 'mount-'));
    await run('mount', '-t', 'tmpfs', '-o', options, 'cep-target', path);
    try {
      await use(path);
    } finally {
      await run('umount', path);
    }
  }

  test(
    'is kept when it can be written, and nothing is left in it',
    async () => {
      const path = join(folder, 'good');
      await mkdir(path);
      // restic writes there as well, whoever has it.
      await chown(path, 4321, 4321);
      await chmod(path, 0o700);

      await add('good', path);

      expect(await names()).toEqual(['good']);
      expect(await readdir(path)).toEqual([]);
      const { freeBytes } = await check('good');
      expect(freeBytes).toBeGreaterThan(0);
      expect(await readdir(path)).toEqual([]);
      await expect(check('good', user())).rejects.toMatchObject({ code: 'forbidden' });
      await rm(path, { recursive: true });
      await expect(check('good')).rejects.toMatchObject({
        ...{ code: 'target-unusable', message: expect.stringContaining('mkdir -p') },
      });
    },
    LONG,
  );

  test(
    'is not kept when there is no such folder, unless nobody looks',
    async () => {
      const path = join(folder, 'gone');
      const before = await names();

      await expect(add('gone', path)).rejects.toMatchObject({
        ...{ code: 'target-unusable', message: expect.stringContaining(`mkdir -p ${path}`) },
      });

      expect(await names()).toEqual(before);
      expect(await readdir(folder)).not.toContain('gone');
      await add('gone', path, { check: false });
      expect(await names()).toContain('gone');
      // What has a name already is not tried.
      await expect(add('gone', path)).rejects.toMatchObject({ code: 'name-taken' });
      expect((await world.left()).containers).toEqual([]);
    },
    LONG,
  );

  test(
    'is not kept when it is a file, is only read, or is full',
    async () => {
      const file = join(folder, 'file');
      await writeFile(file, 'x');
      await expect(add('file', file)).rejects.toMatchObject({ code: 'target-unusable' });
      await mounted('size=8m', async (path) => {
        await run('mount', '-o', 'remount,ro', path);
        await expect(add('read', path)).rejects.toMatchObject({
          ...{ code: 'target-unusable', message: expect.stringContaining('cannot be written') },
        });
      });
      await mounted('size=512k', async (path) => {
        await expect(add('full', path)).rejects.toMatchObject({
          ...{ code: 'target-unusable', message: expect.stringContaining('no space left') },
        });
        expect(await readdir(path)).toEqual([]);
      });

      expect(await names()).not.toEqual(expect.arrayContaining(['file', 'read', 'full']));
      expect((await world.left()).containers).toEqual([]);
    },
    LONG,
  );

  test('is tried on an engine that there is', async () => {
    await expect(add('far', folder, { engine: 'nowhere' })).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(add('far', folder, { engine: 'local', check: false })).rejects.toMatchObject({
      code: 'invalid-request',
    });
  });
});
