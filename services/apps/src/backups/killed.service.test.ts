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
  }, LONG);
  afterAll(() => close(), LONG);

  test.each([
    ['stop', 1],
    ['stop', 3],
    ['stop', 4],
    ['pause', 1],
    ['pause', 3],
    ['pause', 5],
  ] as const)(
    '(%s, point %d) goes on: the app runs again, the backup is whole, nothing is left over',
    async (mode, point) => {
      await world.restart(away);
      const input = { params: { app: 'box' }, body: { mode } };
      const { backup, operation } = await world.call(ada, contract.createBackup, input);
      await world.stop();
      expect(await runDoomed(world, point, PATIENCE_MS)).toBe('SIGKILL');

      await world.restart(here);

      expect(await world.end(ada, operation)).toMatchObject({ state: 'succeeded' });
      await world.reaches(ada, 'box', 'running');
      const params = { backup: backup.id };
      expect(await world.call(ada, contract.getBackup, { params })).toMatchObject({
        state: 'complete',
      });
      const { containers, volumes } = await world.left();
      expect(containers.map(({ State, Labels }) => [State, Labels[LABELS.service]])).toEqual([
        ['running', 'web'],
      ]);
      expect(volumes).toHaveLength(1);
    },
    LONG,
  );
});
