/** A sample of what crash.service.test.ts tries, with a process that is killed and the real engine. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as contract from '@cep/contracts/backups';
import type { UserCaller } from '@cep/contracts/caller';
import { fromRig } from '@cep/testing/from-rig';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createWorld, storeOf, user, type World } from '../apps.fixture.ts';
import { LABELS } from '../engine/labels.ts';

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

requires('postgres', 'docker')('a service that is killed in the middle of a backup', () => {
  let world: World;
  let folder: string;
  const ada = user();
  const root: UserCaller = { ...user(), role: 'admin' };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cep-backups-'));
    world = await createWorld(here);
    const body = { name: 'disk', location: folder };
    await world.call(root, contract.addBackupTarget, { body });
    await world.end(ada, (await world.deploy(ada, { template: 'box' })).operation);
  }, LONG);
  afterAll(async () => {
    await world.close();
    await rm(folder, { recursive: true, force: true });
  }, LONG);

  /** Runs the service in a process that is killed before (even) or after (odd) one of its changes. */
  async function runDoomed(last: number): Promise<NodeJS.Signals | null> {
    const file = fileURLToPath(new URL('../doomed.fixture.ts', import.meta.url));
    const args = ['--conditions=source', file, String(last), world.url, world.masterKey];
    const child = spawn(process.execPath, [...args, fromRig('TEST_DOCKER_HOST')], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
    const [, signal] = await once(child, 'exit');
    clearTimeout(timer);
    return signal;
  }

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
      expect(await runDoomed(point)).toBe('SIGKILL');

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
