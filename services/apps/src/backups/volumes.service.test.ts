/** Backups and restores of some volumes of an app, with the real engine and the real restic. */
import { updateApp } from '@cep/contracts/apps';
import * as contract from '@cep/contracts/backups';
import { listVolumes } from '@cep/contracts/volumes';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { storeOf, user, type World } from '../apps.fixture.ts';
import { LABELS } from '../engine/labels.ts';
import { execIn } from '../exec.fixture.ts';
import { createBackupWorld } from './backups.fixture.ts';

const store = storeOf({
  shop: `, parameters: [{name: NOTE, type: string, label: Note, default: none}], volumes: {cache: {class: cache}}}
services:
  db:
    image: redis:7
    volumes: ["rows:/data"]
    stop_grace_period: 5s
  web:
    image: busybox:1
    command: [sh, -c, "trap 'exit 0' TERM; sleep 1000 & wait"]
    volumes: ["files:/files", "more:/more", "cache:/cache"]
    environment: { NOTE: "\${NOTE}" }
    stop_grace_period: 1s
volumes: { rows: , files: , more: , cache: }
`,
});
const LONG = 120_000;

requires('postgres', 'docker')('volumes of an app', () => {
  let world: World;
  let close: () => Promise<void>;
  const ada = user();
  const app = 'shop';
  beforeAll(async () => {
    ({ world, close } = await createBackupWorld({ store }));
    await world.end(ada, (await world.deploy(ada, { template: app })).operation);
  }, LONG);
  afterAll(() => close(), LONG);

  async function run(service: string, line: string) {
    const label = [`${LABELS.appName}=${app}`, `${LABELS.service}=${service}`];
    const [found] = await world.docker.listContainers({ filters: { label } });
    const container = world.docker.getContainer(found?.Id ?? '');
    return (await execIn(container, ['sh', '-c', line])).printed;
  }
  async function put(text: string) {
    await run('web', `for at in files more cache; do echo ${text} > /$at/file; done`);
    await run('db', `redis-cli set key ${text}`);
  }
  const has = async () =>
    `${await run('db', 'redis-cli --raw get key')} ${await run('web', 'echo $(cat /files/file /more/file /cache/file)')}`;
  type Asked = Parameters<typeof world.call<typeof contract.createBackup>>[2]['body'];
  async function backUp(body: Asked) {
    const input = { params: { app }, body };
    const { backup, operation } = await world.call(ada, contract.createBackup, input);
    expect(await world.end(ada, operation)).toMatchObject({ state: 'succeeded', failure: null });
    await world.reaches(ada, app, 'running');
    return world.call(ada, contract.getBackup, { params: { backup: backup.id } });
  }
  const ask = (backup: string, more: object = {}) =>
    world.call(ada, contract.restoreBackup, {
      ...{ params: { backup }, body: { parameters: {}, ...more } },
    });
  async function restore(backup: string, more: object = {}) {
    const { operation } = await ask(backup, more);
    expect(await world.end(ada, operation)).toMatchObject({ state: 'succeeded', failure: null });
    await world.reaches(ada, app, 'running');
  }
  const left = async () => {
    const { containers } = await world.left();
    return containers.filter((each) => each.Labels[LABELS.helper]);
  };

  test(
    'come back one by one, and the others, the template and the parameters stay what they are',
    async () => {
      await put('first');
      const { id, only } = await backUp({});
      expect(only).toBeNull();
      await put('second');
      const input = { params: { app }, body: { parameters: { NOTE: 'new' } } };
      await world.end(ada, (await world.call(ada, updateApp, input)).operation);

      await restore(id, { volumes: ['files'] });

      expect(await has()).toBe('second first second second');
      expect(await run('web', 'echo $NOTE')).toBe('new');
      expect(await left()).toEqual([]);
      const list = { params: { pool: 'default' }, query: { sizes: false } };
      const { volumes } = await world.call(ada, listVolumes, list);
      const states = (volume: string) =>
        volumes.filter((each) => each.volume === volume).map(({ state }) => state);
      // What was there before stays, as with every restore.
      expect([states('files').toSorted(), states('more')]).toEqual([['kept', 'used'], ['used']]);

      await restore(id, { volumes: ['rows', 'more'] });
      expect(await has()).toBe('first first first second');
    },
    LONG,
  );

  test(
    'that are databases are loaded from the dump of an app that went on',
    async () => {
      await put('third');
      const { id, dumps } = await backUp({ mode: 'hot' });
      expect(dumps).toEqual([{ service: 'db', kind: 'redis' }]);
      await put('fourth');

      await restore(id, { volumes: ['rows'] });
      expect(await has()).toBe('third fourth fourth fourth');
      await put('fifth');
      await restore(id, { volumes: ['more'] });
      expect(await has()).toBe('fifth fifth third fifth');
      expect(await left()).toEqual([]);
    },
    LONG,
  );

  test(
    'are backed up by themselves, caches too, and bring nothing else back',
    async () => {
      await put('sixth');
      const made = await backUp({ volumes: ['cache', 'more'] });
      expect(made).toMatchObject({ only: ['more', 'cache'], volumes: ['more', 'cache'] });
      expect(made.sizeBytes).toBeLessThan(100_000);
      await put('seventh');

      await restore(made.id);

      expect(await has()).toBe('seventh seventh sixth sixth');
      expect(await run('web', 'echo $NOTE')).toBe('new');
    },
    LONG,
  );

  test(
    'that there are not, or that only a new app could have, are refused',
    async () => {
      const { id } = await backUp({ volumes: ['more'] });
      const refused = (code: string, words: string) => ({
        ...{ code, message: expect.stringContaining(words) },
      });

      await expect(ask(id, { volumes: ['files'] })).rejects.toMatchObject(
        refused('invalid-request', 'The backup has no volume "files". It has more.'),
      );
      await expect(ask(id, { volumes: ['more'], as: 'other' })).rejects.toMatchObject(
        refused('invalid-request', 'leave --volume out'),
      );
      await expect(ask(id, { network: 'home' })).rejects.toMatchObject(
        refused('invalid-request', '--as'),
      );
      const input = { params: { app }, body: { volumes: ['nothing'] } };
      await expect(world.call(ada, contract.createBackup, input)).rejects.toMatchObject(
        refused('invalid-request', 'The app has no volume "nothing"'),
      );
      await expect(
        world.call(user(), contract.restoreBackup, {
          ...{ params: { backup: id }, body: { parameters: {}, volumes: ['more'] } },
        }),
      ).rejects.toMatchObject({ code: 'not-found' });
      await world.end(ada, (await world.destroy(ada, app, true)).operation);
      await expect(ask(id)).rejects.toMatchObject(refused('backup-unusable', '--as NAME'));
    },
    LONG,
  );
});
