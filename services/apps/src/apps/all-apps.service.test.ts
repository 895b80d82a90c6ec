import { listAllApps } from '@cep/contracts/all-apps';
import { deployApp, destroyApp, listApps, stopApp } from '@cep/contracts/apps';
import type { UserCaller } from '@cep/contracts/caller';
import { readLogs } from '@cep/contracts/logs';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createWorld, storeOf, user, type World } from '../apps.fixture.ts';

const LONG = 60_000;
const NOTES = `, parameters: [{name: PASSWORD, type: password, label: Password, generate: {kind: hex}}]}
services:
  web:
    image: busybox:1
    command: [sh, -c, "echo hello; trap 'exit 0' TERM; sleep 1000 & wait"]
    environment: {PASSWORD: "\${PASSWORD}"}
`;

requires('postgres', 'docker')('the apps of every project', () => {
  const ada = { ...user(), username: 'ada', projectName: 'adas' };
  const bob = { ...user(), username: 'bob', projectName: 'bobs' };
  const admin: UserCaller = { ...user(), username: 'root', role: 'admin', projectName: 'admins' };
  /** As accounts tells it of an administrator who has named the project. */
  const { projectId, projectName } = ada;
  const there: UserCaller = { ...admin, projectId, projectName, isOutsider: true };
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ store: storeOf({ notes: NOTES }) });
    const { operation } = await world.deploy(ada, { template: 'notes' });
    await world.deploy(ada, { template: 'notes', name: 'more' });
    await world.deploy(bob, { template: 'notes' });
    await world.end(ada, operation);
  }, LONG);
  afterAll(() => world.close(), LONG);

  const params = { app: 'notes' };
  const page = (as: UserCaller, query: { limit: number; after?: string }) =>
    world.call(as, listAllApps, { query });

  test('are listed for administrators, with whose they are', async () => {
    const { apps, next } = await page(admin, { limit: 1000 });

    expect(next).toBeNull();
    const lines = apps.map(
      ({ project, name, deployedBy, engine }) => `${project}/${name} of ${deployedBy} on ${engine}`,
    );
    expect(lines.toSorted()).toEqual([
      'adas/more of ada on local',
      'adas/notes of ada on local',
      'bobs/notes of bob on local',
    ]);
    await expect(page(ada, { limit: 10 })).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('come page by page, each once', async () => {
    const { apps: all } = await page(admin, { limit: 1000 });
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const found: Awaited<ReturnType<typeof page>> = await page(admin, {
        limit: 1,
        ...(after && { after }),
      });
      seen.push(...found.apps.map(({ id }) => id));
      after = found.next;
    } while (after);

    expect(seen).toEqual(all.map(({ id }) => id));
  });

  test('are an administrator’s own only where the project is named', async () => {
    expect(await world.call(admin, listApps, {})).toEqual({ apps: [] });
    await expect(world.show(admin, 'notes')).rejects.toMatchObject({ code: 'not-found' });
    const { apps } = await world.call(there, listApps, {});
    expect(apps.map(({ name }) => name)).toEqual(['more', 'notes']);
  });

  test(
    'are looked at, stopped and destroyed there; their secrets, and the rest, are for members',
    async () => {
      const shown = await world.show(there, 'notes');
      expect(shown).toMatchObject({ name: 'notes', parameters: {} });
      expect((await world.show(ada, 'notes', true)).parameters.PASSWORD).toMatch(/./);
      const forbidden = { code: 'forbidden' };
      await expect(world.show(there, 'notes', true)).rejects.toMatchObject(forbidden);
      await expect(
        world.call(there, deployApp, { body: { template: 'notes', parameters: {} } }),
      ).rejects.toMatchObject(forbidden);
      const lines = await (await world.client(there)).stream(readLogs, {
        params,
        query: { follow: false, tail: 10 },
      });
      const said: string[] = [];
      for await (const { text } of lines) said.push(text);
      expect(said).toEqual(['hello']);

      const { operation } = await world.call(there, stopApp, { params });
      expect((await world.end(there, operation)).state).toBe('succeeded');
      expect((await world.show(ada, 'notes')).state).toBe('stopped');
      const gone = await world.call(there, destroyApp, { params, query: { volumes: false } });
      expect((await world.end(there, gone.operation)).state).toBe('succeeded');
      expect((await world.show(bob, 'notes')).name).toBe('notes');
    },
    LONG,
  );
});
