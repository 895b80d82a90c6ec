import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UserCaller } from '@cep/contracts/caller';
import {
  addStore,
  getTemplate,
  listStores,
  listTemplates,
  refreshStore,
  removeStore,
} from '@cep/contracts/templates';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createWorld, user, type World } from '../apps.fixture.ts';
import { loadBuiltinStore } from '../templates/builtin-store.ts';
import { gitServer } from './git-server.fixture.ts';
import { compose, owner } from './stores.fixture.ts';

const LONG = 60_000;

requires('postgres', 'docker')('app stores', () => {
  const admin: UserCaller = { ...user(), role: 'admin' };
  const ada = user();
  let world: World;
  let folder: string;
  let repository: Awaited<ReturnType<typeof gitServer>>;
  beforeAll(async () => {
    world = await createWorld({ store: await loadBuiltinStore() });
    folder = await mkdtemp(join(tmpdir(), 'cep-stores-'));
    repository = await gitServer();
  }, LONG);
  afterAll(async () => {
    await world.close();
    await repository.close();
    await rm(folder, { recursive: true });
  }, LONG);

  const add = (body: { name: string; location?: string; key?: string }, as = admin) =>
    world.call(as, addStore, { body: { everyone: true, ...body } });
  const refresh = (store: string, as = admin) =>
    world.call(as, refreshStore, { params: { store } });
  const remove = (store: string, as = admin) => world.call(as, removeStore, { params: { store } });
  const show = (store: string, app: string) =>
    world.call(ada, getTemplate, { params: { store, app } });
  const names = async () => (await world.call(ada, listStores, {})).stores.map(({ name }) => name);
  const write = async (at: string, text: string) => {
    await mkdir(join(folder, at), { recursive: true });
    await writeFile(join(folder, at, 'compose.yaml'), text);
  };

  describe('that come with cep', () => {
    test('are one, which is listed and has templates with all that can be set', async () => {
      const { stores } = await world.call(ada, listStores, {});
      expect(stores).toMatchObject([{ name: 'cep', kind: 'builtin', templates: 30, warnings: [] }]);
      const { templates } = await world.call(ada, listTemplates, { params: { store: 'cep' } });
      expect(templates).toHaveLength(30);
      expect(await show('cep', 'postgres')).toMatchObject({
        id: 'postgres',
        website: 'https://www.postgresql.org',
        parameters: [
          { name: 'DATABASE', default: 'app', generated: false, sensitive: false },
          { name: 'USERNAME' },
          { name: 'PASSWORD', default: null, generated: true, sensitive: true },
          { name: 'PORT', type: 'port', required: false },
        ],
        services: [{ name: 'postgres', image: 'postgres:17' }],
        endpoints: [{ name: 'postgres', service: 'postgres', port: 5432, protocol: 'postgresql' }],
        volumes: ['data'],
      });
    });

    test('stay as they are', async () => {
      await expect(remove('cep')).rejects.toMatchObject({ code: 'invalid-request' });
      await expect(refresh('cep')).rejects.toMatchObject({ code: 'invalid-request' });
      await expect(add({ name: 'cep', location: folder })).rejects.toMatchObject({
        code: 'name-taken',
      });
    });

    test.each(['solitaire', '../../redis', 'Redis', 'redis\0'])('have no app %j', async (app) => {
      await expect(show('cep', app)).rejects.toMatchObject({
        code: expect.stringMatching(/^(not-found|invalid-request)$/),
      });
    });
  });

  test('are added, refreshed and removed by administrators alone', async () => {
    const forbidden = { code: 'forbidden' };

    await expect(add({ name: 'mine', location: folder }, ada)).rejects.toMatchObject(forbidden);
    await expect(refresh('cep', ada)).rejects.toMatchObject(forbidden);
    await expect(remove('cep', ada)).rejects.toMatchObject(forbidden);
  });

  test(
    'from a folder: an app of it is deployed, and does not change with the store',
    async () => {
      await write('mine/apps/greeter', compose('greeter'));
      await write('elsewhere', compose('secret'));
      await symlink(join(folder, 'elsewhere'), join(folder, 'mine/apps/secret'));
      await mkdir(join(folder, 'mine/apps/linked'));
      await symlink(
        join(folder, 'elsewhere/compose.yaml'),
        join(folder, 'mine/apps/linked/compose.yaml'),
      );
      const location = join(folder, 'mine');

      expect(await add({ name: 'mine', location })).toMatchObject({
        name: 'mine',
        kind: 'folder',
        location,
        templates: 1,
        signed: false,
        warnings: [],
      });
      expect(await names()).toEqual(['cep', 'mine']);
      await expect(add({ name: 'mine', location })).rejects.toMatchObject({ code: 'name-taken' });
      const { operation } = await world.deploy(ada, { store: 'mine', template: 'greeter' });
      expect((await world.end(ada, operation)).state).toBe('succeeded');
      const before = await world.show(ada, 'greeter');

      await write('mine/apps/greeter', compose('greeter', 'busybox:1'));
      await write('mine/apps/broken', '{');
      await write('mine/apps/wrong', compose('wrong').replace('image:', 'imagine:'));
      const refreshed = await refresh('mine');
      expect(refreshed.warnings).toEqual([
        expect.stringMatching(/^broken: /),
        expect.stringMatching(/^wrong: compose\/services\/web.*imagine/),
      ]);
      expect((await show('mine', 'greeter')).services).toMatchObject([{ image: 'busybox:1' }]);
      await world.restart();
      expect(await world.show(ada, 'greeter')).toMatchObject({
        generation: before.generation,
        services: [{ image: 'hello:1', state: 'running' }],
      });

      await remove('mine');
      await expect(show('mine', 'greeter')).rejects.toMatchObject({ code: 'not-found' });
      await expect(remove('mine')).rejects.toMatchObject({ code: 'not-found' });
      expect((await world.show(ada, 'greeter')).state).toBe('running');
      await world.end(ada, (await world.destroy(ada, 'greeter', true)).operation);
    },
    LONG,
  );

  test(
    'from git: what its key signed, and what was taken stays when that is no longer so',
    async () => {
      const { key, signed } = owner();
      const wiki = { 'apps/wiki/compose.yaml': compose('wiki') };
      await repository.commit(signed(wiki, 1));

      const added = await add({ name: 'signed', location: repository.url, key });
      expect(added).toMatchObject({ kind: 'git', templates: 1, signed: true });
      expect(added.revision).toMatch(/^[0-9a-f]{40}$/);

      await repository.commit({ 'apps/wiki/compose.yaml': compose('wiki', 'evil:1') });
      await expect(refresh('signed')).rejects.toMatchObject({ code: 'store-unusable' });
      expect((await show('signed', 'wiki')).services).toMatchObject([{ image: 'hello:1' }]);

      await repository.commit(signed({ 'apps/wiki/compose.yaml': compose('wiki', 'hello:2') }, 2));
      expect((await refresh('signed')).revision).not.toBe(added.revision);
      expect((await show('signed', 'wiki')).services).toMatchObject([{ image: 'hello:2' }]);

      await repository.commit(signed(wiki, 1));
      await expect(refresh('signed')).rejects.toMatchObject({ code: 'store-unusable' });
      await remove('signed');
    },
    LONG,
  );

  test('added twice at once are one', async () => {
    await write('twice/one', compose('one'));
    const location = join(folder, 'twice');

    const ends = await Promise.allSettled([1, 2].map(() => add({ name: 'twice', location })));

    expect(ends.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    await remove('twice');
  });

  test(
    'that are not there, or never end, are not kept',
    async () => {
      const endless = createServer((_req, res) => {
        res.setHeader('content-type', 'application/x-git-upload-pack-advertisement');
        const pour = () => {
          while (!res.destroyed && res.write(Buffer.alloc(65_536, '0'))) {
            // Until the other side is full.
          }
        };
        res.on('drain', pour);
        pour();
      });
      await new Promise<void>((resolve) => endless.listen(0, '127.0.0.1', resolve));
      const { port } = endless.address() as AddressInfo;
      const { key } = owner();
      try {
        for (const location of [
          join(folder, 'nothing'),
          `http://127.0.0.1:${port}/endless.git`,
          repository.url.replace('store', 'nothing'),
        ]) {
          await expect(add({ name: 'bad', location, key })).rejects.toMatchObject({
            code: 'store-unusable',
          });
        }
      } finally {
        endless.closeAllConnections();
        endless.close();
      }
      expect(await names()).not.toContain('bad');
    },
    LONG,
  );
});
