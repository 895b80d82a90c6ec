/** Backups and restores on a bad day of the engine: it ends in the middle, or a disk is full. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as contract from '@cep/contracts/backups';
import { eventually } from '@cep/testing/eventually';
import { run } from '@cep/testing/install/commands';
import { createOwnEngine, type OwnEngine } from '@cep/testing/own-engine';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { storeOf, user, type World } from '../apps.fixture.ts';
import type { Engine } from '../engine/engine.ts';
import { LABELS } from '../engine/labels.ts';
import { execIn } from '../exec.fixture.ts';
import { createBackupWorld } from './backups.fixture.ts';

const MEBI = 2 ** 20;
const LONG = 120_000;

/** So much is in its volume, and it cannot be made smaller. */
const DATA = 24 * MEBI;
const FILL = `[ -e /data/blob ] || { head -c ${DATA} /dev/urandom > /data/new; mv /data/new /data/blob; }`;

const store = storeOf({
  box: `services:
  web:
    image: busybox:1
    command: [sh, -c, "${FILL}; trap 'exit 0' TERM; sleep 1000 & wait"]
    volumes: ["data:/data"]
    stop_grace_period: 1s
    restart: unless-stopped
volumes: { data: }
`,
});

requires(
  'postgres',
  'docker',
  'namespaces',
)('backups when the engine has a bad day', () => {
  let own: OwnEngine;
  let world: World;
  let root: Awaited<ReturnType<typeof createBackupWorld>>['root'];
  let close: () => Promise<void>;
  const ada = user();
  /** What happens right after a container with this in its name was started. */
  let fate: { of: string; end: () => Promise<void> } | undefined;
  const intercept = (engine: Engine): Engine => ({
    ...engine,
    async start(name) {
      await engine.start(name);
      if (!fate || !name.includes(fate.of)) return;
      const { end } = fate;
      fate = undefined;
      await end();
    },
  });
  beforeAll(async () => {
    own = await createOwnEngine(384 * MEBI, 216);
    ({ world, root, close } = await createBackupWorld({ store, host: own.host, intercept }));
    await world.end(ada, (await world.deploy(ada, { template: 'box' })).operation);
  }, LONG);
  afterAll(async () => {
    await close();
    await own.close();
  }, LONG);

  const restarted = async () => {
    await own.end('SIGKILL');
    await own.start();
  };
  const backUp = async (target?: string) => {
    const body = { mode: 'pause' as const, ...(target && { target }) };
    const input = { params: { app: 'box' }, body };
    const { backup, operation } = await world.call(ada, contract.createBackup, input);
    return { id: backup.id, end: await world.end(ada, operation) };
  };
  const restore = async (id: string, as?: string) => {
    const input = { params: { backup: id }, body: { parameters: {}, ...(as && { as }) } };
    return world.end(ada, (await world.call(ada, contract.restoreBackup, input)).operation);
  };
  const digest = async (app: string) => {
    const label = [`${LABELS.appName}=${app}`, `${LABELS.service}=web`];
    let printed = '';
    // What runs in the eyes of cep may have been lost a moment ago, or is still filling its volume.
    await eventually(
      async () => {
        const [found] = await own.docker.listContainers({ filters: { label } });
        if (found?.State !== 'running') throw new Error(`${app} does not run`);
        const summed = await execIn(own.docker.getContainer(found.Id), ['sha256sum', '/data/blob']);
        expect(summed).toMatchObject({ exitCode: 0 });
        printed = summed.printed;
      },
      { within: 15_000 },
    );
    return printed;
  };
  const left = async () => {
    const all = await own.docker.listContainers({ all: true });
    return all.map(({ State, Labels }) => [State, Labels[LABELS.service]]);
  };
  const RUNS = [['running', 'web']];

  describe('ends in the middle', () => {
    test.each(['init', 'save', 'fill'])(
      'what was killed at "%s" is begun anew, and all is as it should be',
      async (step) => {
        await world.reaches(ada, 'box', 'running');
        const before = await digest('box');
        const target = `at-${step}`;
        const folder = await mkdtemp(join(tmpdir(), 'cep-backups-'));
        const body = { name: target, location: folder };
        await world.call(root, contract.addBackupTarget, { body });
        const ends = { of: step, end: restarted };

        if (step !== 'fill') fate = ends;
        const { id, end } = await backUp(target);
        expect(end).toMatchObject({ state: 'succeeded', failure: null });
        if (step === 'fill') fate = ends;
        expect(await restore(id)).toMatchObject({ state: 'succeeded', failure: null });

        expect(fate).toBeUndefined();
        await world.reaches(ada, 'box', 'running');
        expect(await digest('box')).toBe(before);
        expect(await left()).toEqual(RUNS);
        await rm(folder, { recursive: true });
      },
      LONG,
    );

    test(
      'what is killed each time fails, and says so; the app goes on',
      async () => {
        const again = async () => {
          fate = { of: 'save', end: again };
          const all = await own.docker.listContainers();
          const helper = all.find(({ Names }) => Names[0]?.includes('save'));
          await own.docker.getContainer(helper?.Id ?? '').kill();
        };
        fate = { of: 'save', end: again };

        const { end } = await backUp();

        fate = undefined;
        expect(end).toMatchObject({
          state: 'failed',
          failure: { code: 'backup-failed', message: expect.stringContaining('killed again') },
        });
        await world.reaches(ada, 'box', 'running');
        expect(await left()).toEqual(RUNS);
      },
      LONG,
    );
  });

  describe('is full', () => {
    test(
      'a backup fails where its target has no space, and works when it has',
      async () => {
        const folder = await mkdtemp(join(tmpdir(), 'cep-backups-'));
        await run('mount', '-t', 'tmpfs', '-o', `size=${DATA / 2}`, 'cep-target', folder);
        const body = { name: 'small', location: folder };
        await world.call(root, contract.addBackupTarget, { body });

        const { end } = await backUp('small');

        expect(end).toMatchObject({
          state: 'failed',
          failure: { code: 'no-space', message: expect.stringContaining('"small"') },
        });
        await world.reaches(ada, 'box', 'running');
        expect(await left()).toEqual(RUNS);
        await run('mount', '-o', `remount,size=${DATA * 2}`, folder);
        expect((await backUp('small')).end).toMatchObject({ state: 'succeeded' });
        await run('umount', folder);
        await rm(folder, { recursive: true });
      },
      LONG,
    );

    test(
      'a restore fails, leaves nothing, and the app is what it was',
      async () => {
        const { id } = await backUp();
        const before = await digest('box');
        const volumes = async () => (await own.docker.listVolumes()).Volumes.length;
        const there = await volumes();
        const free = await own.fill(DATA / 2);

        const ends = [await restore(id), await restore(id, 'copy')];

        for (const end of ends) {
          expect(end).toMatchObject({
            state: 'failed',
            failure: { code: 'no-space', message: expect.stringContaining('volumes') },
          });
        }
        await free();
        await world.reaches(ada, 'box', 'running');
        expect(await digest('box')).toBe(before);
        expect(await left()).toEqual(RUNS);
        expect(await volumes()).toBe(there);
      },
      LONG,
    );
  });
});
