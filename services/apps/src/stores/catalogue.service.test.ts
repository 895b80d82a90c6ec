import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rollbackApp, startApp, stopApp, updateApp } from '@cep/contracts/apps';
import type { UserCaller } from '@cep/contracts/caller';
import { planDeployment } from '@cep/contracts/plans';
import * as contract from '@cep/contracts/templates';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createWorld, storeOf, user, type World } from '../apps.fixture.ts';
import { compose } from './stores.fixture.ts';

const LONG = 60_000;
const RUNS = `command: [sh, -c, "trap 'exit 0' TERM; sleep 1000 & wait"]`;

/** Of a revision; with a word that can be set. */
const wiki = (revision: number, image = 'busybox:1') =>
  compose('wiki', image)
    .replace(
      'revision: 1',
      `revision: ${revision}\n  parameters: [{name: WORD, type: string, label: Word, default: one}]`,
    )
    .replace(/$/, `    ${RUNS}\n    environment: {WORD: "\${WORD}"}\n`);

requires('postgres', 'docker')('the catalogue', () => {
  const admin: UserCaller = { ...user(), role: 'admin', projectName: 'admins' };
  const ada = { ...user(), projectName: 'ada' };
  const bob = { ...user(), projectName: 'bob' };
  let world: World;
  let folder: string;
  beforeAll(async () => {
    world = await createWorld({
      store: storeOf({
        notes: 'services: {web: {image: "busybox:1"}}',
        blog: 'services: {web: {image: "busybox:1"}}',
      }),
    });
    folder = await mkdtemp(join(tmpdir(), 'cep-catalogue-'));
  }, LONG);
  afterAll(async () => {
    await world.close();
    await rm(folder, { recursive: true });
  }, LONG);

  const list = async (as: UserCaller, store: string) =>
    (await world.call(as, contract.listTemplates, { params: { store } })).templates;
  const show = (as: UserCaller, store: string, app: string) =>
    world.call(as, contract.getTemplate, { params: { store, app } });
  const stores = async (as: UserCaller) => (await world.call(as, contract.listStores, {})).stores;
  const set = (enabled: boolean, store: string, app: string, as = admin) =>
    world.call(as, contract.changeTemplate, { params: { store, app }, body: { enabled } });
  const add = (name: string, more: { location?: string; everyone?: boolean } = {}) =>
    world.call(admin, contract.addStore, { body: { name, everyone: true, ...more } });
  const put = (store: string, text: string, as = admin) =>
    world.call(as, contract.putTemplate, {
      params: { store, app: 'wiki' },
      body: { compose: text, readme: 'A wiki.' },
    });
  const remove = (store: string, app = 'wiki') =>
    world.call(admin, contract.removeTemplate, { params: { store, app } });
  const share = (store: string, projects: string[], as = admin) =>
    world.call(as, contract.shareStore, { params: { store }, body: { projects, everyone: false } });
  const plan = (as: UserCaller, store: string, template: string) =>
    world.call(as, planDeployment, { body: { store, template, parameters: {} } });
  const ends = async ({ operation }: { operation: Parameters<World['end']>[1] }) =>
    (await world.end(ada, operation)).state;

  const gone = { code: 'not-found' };
  const disabled = { code: 'template-disabled' };

  test('changes by administrators alone', async () => {
    await add('closed');
    const params = { store: 'closed', app: 'wiki' };

    const asked = [
      set(false, 'cep', 'notes', ada),
      put('closed', wiki(1), ada),
      share('closed', ['ada'], ada),
      world.call(ada, contract.removeTemplate, { params }),
      world.call(ada, contract.removeStore, { params: { store: 'closed' } }),
    ];

    for (const each of await Promise.allSettled(asked))
      expect(each).toMatchObject({ status: 'rejected', reason: { code: 'forbidden' } });
  });

  describe('a template that is disabled', () => {
    test('is hidden from users, seen marked by administrators, and deployed by nobody', async () => {
      expect(await set(false, 'cep', 'notes')).toMatchObject({ id: 'notes', enabled: false });
      await set(false, 'cep', 'notes');

      expect((await list(ada, 'cep')).map(({ id }) => id)).toEqual(['blog']);
      expect((await list(admin, 'cep')).map(({ id, enabled }) => [id, enabled])).toEqual([
        ['notes', false],
        ['blog', true],
      ]);
      await expect(show(ada, 'cep', 'notes')).rejects.toMatchObject(gone);
      expect(await show(admin, 'cep', 'notes')).toMatchObject({ enabled: false });
      for (const as of [ada, admin])
        await expect(plan(as, 'cep', 'notes')).rejects.toMatchObject(disabled);

      await set(true, 'cep', 'notes');
      expect(await show(ada, 'cep', 'notes')).toMatchObject({ enabled: true });
      expect(await plan(ada, 'cep', 'notes')).toMatchObject({ app: 'notes' });
    });

    test('stays so when its store is looked at again', async () => {
      await mkdir(join(folder, 'team/wiki'), { recursive: true });
      await writeFile(join(folder, 'team/wiki/compose.yaml'), compose('wiki'));
      await add('team', { location: join(folder, 'team') });
      await set(false, 'team', 'wiki');

      await world.call(admin, contract.refreshStore, { params: { store: 'team' } });

      expect(await list(ada, 'team')).toEqual([]);
    });

    test('must be there', async () => {
      await expect(set(false, 'cep', 'solitaire')).rejects.toMatchObject(gone);
      await expect(set(false, 'nowhere', 'wiki')).rejects.toMatchObject(gone);
    });
  });

  describe('a store', () => {
    test('is for everybody, for some projects, or for administrators, who always see it', async () => {
      expect(await add('few', { everyone: false })).toMatchObject({
        everyone: false,
        projects: [],
      });
      await put('few', wiki(1));
      const sees = async (as: UserCaller) => ({
        listed: (await stores(as)).some(({ name }) => name === 'few'),
        shown: await show(as, 'few', 'wiki').then(
          () => true,
          ({ code }) => code,
        ),
        planned: await plan(as, 'few', 'wiki').then(
          () => true,
          ({ code }) => code,
        ),
      });
      const all = { listed: true, shown: true, planned: true };
      const nothing = { listed: false, shown: 'not-found', planned: 'not-found' };

      expect([await sees(admin), await sees(ada)]).toEqual([all, nothing]);
      await share('few', ['ada', 'carol']);
      expect([await sees(admin), await sees(ada), await sees(bob)]).toEqual([all, all, nothing]);
      const [mine] = (await stores(ada)).filter(({ name }) => name === 'few');
      expect(mine?.projects).toEqual(['ada']);
      await share('few', []);
      expect(await sees(ada)).toEqual(nothing);
    });

    test('that is not seen is refused as one that is not there', async () => {
      const refusal = (store: string) =>
        show(ada, store, 'wiki').catch(({ message }) => message.replaceAll(store, 'X'));

      expect(await refusal('few')).toBe(await refusal('none'));
    });

    test('that cep brings can be closed too', async () => {
      await share('cep', []);

      await expect(plan(ada, 'cep', 'blog')).rejects.toMatchObject(gone);
      await world.call(admin, contract.shareStore, {
        params: { store: 'cep' },
        body: { projects: [], everyone: true },
      });
      expect(await plan(ada, 'cep', 'blog')).toMatchObject({ app: 'blog' });
    });
  });

  describe('a store without a location', () => {
    beforeAll(async () => {
      await add('ours');
    });

    test('takes templates that can be deployed, and later revisions of them', async () => {
      expect(await put('ours', wiki(1))).toMatchObject({
        store: 'ours',
        id: 'wiki',
        enabled: true,
      });
      await put('ours', wiki(1));

      await expect(put('ours', wiki(1, 'busybox:2'))).rejects.toMatchObject({
        code: 'invalid-request',
        message: expect.stringContaining('revision'),
      });
      await put('ours', wiki(2, 'busybox:2'));
      expect(await show(ada, 'ours', 'wiki')).toMatchObject({
        description: 'A wiki.',
        services: [{ image: 'busybox:2' }],
      });
    });

    test.each([
      ['has an unknown key', compose('wiki').replace('image', 'imagine')],
      ['is called otherwise', compose('blog')],
      ['cannot be shown', `# \u202e\n${compose('wiki')}`],
    ])('takes none that %s', async (_, text) => {
      await expect(put('ours', text)).rejects.toMatchObject({ code: 'invalid-request' });
    });

    test('is not looked at, and others take nothing by hand', async () => {
      const wrong = { code: 'invalid-request' };
      const ours = { params: { store: 'ours' } };

      await expect(world.call(admin, contract.refreshStore, ours)).rejects.toMatchObject(wrong);
      await expect(put('cep', wiki(1))).rejects.toMatchObject(wrong);
      await expect(put('team', wiki(9))).rejects.toMatchObject(wrong);
      await expect(remove('team')).rejects.toMatchObject(wrong);
      await expect(remove('ours', 'none')).rejects.toMatchObject(gone);
    });

    test('of two who put another revision at once, one has seen what the other put', async () => {
      const put3 = [1, 2].map((n) => put('ours', wiki(3, `busybox:${n}`)));

      const states = (await Promise.allSettled(put3)).map(({ status }) => status);

      expect(states.toSorted()).toEqual(['fulfilled', 'rejected']);
    });
  });

  test(
    'loses what an app is made of, and the app goes on: it restarts, is changed and rolled back',
    async () => {
      await add('short');
      await put('short', wiki(1));
      const params = { app: 'wiki' };
      const update = (parameters: Record<string, string>) =>
        world.call(ada, updateApp, { params, body: { parameters } });
      expect(await ends(await world.deploy(ada, { store: 'short', template: 'wiki' }))).toBe(
        'succeeded',
      );

      const losses = [
        () => set(false, 'short', 'wiki'),
        () => remove('short'),
        () => world.call(admin, contract.removeStore, { params: { store: 'short' } }),
      ];
      for (const [index, lose] of losses.entries()) {
        await lose();
        await expect(update({})).rejects.toMatchObject({
          code: index === 0 ? 'template-disabled' : 'not-found',
          message: expect.stringContaining('"wiki" stays as it is'),
        });
        await ends(await world.call(ada, stopApp, { params }));
        expect(await ends(await world.call(ada, startApp, { params }))).toBe('succeeded');
        expect(await ends(await update({ WORD: `after-${index}` }))).toBe('succeeded');
        expect((await world.show(ada, 'wiki')).parameters.WORD).toBe(`after-${index}`);
        expect(await ends(await world.call(ada, rollbackApp, { params, body: {} }))).toBe(
          'succeeded',
        );
      }
      await world.restart();
      expect(await world.show(ada, 'wiki')).toMatchObject({ state: 'running' });
    },
    LONG,
  );
});
