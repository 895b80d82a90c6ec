/** A sample of what crash.service.test.ts tries, with a process that is killed and the real engine. */
import * as contract from '@cep/contracts/backups';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { storeOf, user, type World } from '../apps.fixture.ts';
import { LABELS } from '../engine/labels.ts';
import { runDoomed } from '../run-doomed.fixture.ts';
import { createBackupWorld } from './backups.fixture.ts';

const here = {
  store: storeOf({
    box: `services:
  web:
    image: busybox:1
    command: [sh, -c, "echo data > /data/file; trap 'exit 0' TERM; sleep 1000 & wait"]
    volumes: ["data:/data"]
    stop_grace_period: 1s
    restart: unless-stopped
volumes: { data: }
`,
    cache: `services:
  db:
    image: redis:7
    volumes: ["data:/data"]
    stop_grace_period: 5s
    restart: unless-stopped
volumes: { data: }
`,
  }),
};
const away = { ...here, host: 'unix:///nowhere' };
const LONG = 120_000;
const PATIENCE_MS = 15_000;

requires('postgres', 'docker')('a service that is killed in the middle of a backup', () => {
  let world: World;
  let close: () => Promise<void>;
  const ada = user();
  beforeAll(async () => {
    ({ world, close } = await createBackupWorld(here));
    await world.end(ada, (await world.deploy(ada, { template: 'box' })).operation);
    await world.end(ada, (await world.deploy(ada, { template: 'cache' })).operation);
    const first = { params: { app: 'cache' }, body: { mode: 'hot' as const } };
    const { operation } = await world.call(ada, contract.createBackup, first);
    await world.end(ada, operation);
  }, LONG);
  afterAll(() => close(), LONG);

  test.each([
    ['box', 'stop', 1],
    ['box', 'stop', 3],
    ['box', 'stop', 4],
    ['box', 'pause', 1],
    ['box', 'pause', 3],
    ['box', 'pause', 5],
    // While a dump is read, when it lies there, before restic saves it, and while it does.
    ['cache', 'hot', 5],
    ['cache', 'hot', 7],
    ['cache', 'hot', 8],
    ['cache', 'hot', 9],
  ] as const)(
    '(%s, %s, point %d) goes on: the app runs again, the backup is whole, nothing is left over',
    async (app, mode, point) => {
      await world.restart(away);
      const input = { params: { app }, body: { mode } };
      const { backup, operation } = await world.call(ada, contract.createBackup, input);
      await world.stop();
      expect(await runDoomed(world, point, PATIENCE_MS)).toBe('SIGKILL');

      await world.restart(here);

      expect(await world.end(ada, operation)).toMatchObject({ state: 'succeeded' });
      await world.reaches(ada, app, 'running');
      const params = { backup: backup.id };
      expect(await world.call(ada, contract.getBackup, { params })).toMatchObject({
        state: 'complete',
      });
      const { containers, volumes } = await world.left();
      expect(
        containers.map(({ State, Labels }) => `${Labels[LABELS.service]} ${State}`).toSorted(),
      ).toEqual(['db running', 'web running']);
      expect(volumes).toHaveLength(2);
    },
    LONG,
  );
});
