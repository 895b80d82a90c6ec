/** With the real engine and the real restic. */
import { randomUUID } from 'node:crypto';
import { chmod, cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { updateApp } from '@cep/contracts/apps';
import * as contract from '@cep/contracts/backups';
import type { UserCaller } from '@cep/contracts/caller';
import { planUpdate } from '@cep/contracts/plans';
import { changeTemplate } from '@cep/contracts/templates';
import { listVolumes } from '@cep/contracts/volumes';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { storeOf, user, type World } from '../apps.fixture.ts';
import { LABELS } from '../engine/labels.ts';
import { execIn } from '../exec.fixture.ts';
import { createBackupWorld, saveAgain } from './backups.fixture.ts';

const REST = `trap 'exit 0' TERM; sleep 1000 & wait`;
const store = storeOf({
  box: `, parameters: [{name: NOTE, type: string, label: Note, default: none}], volumes: {data: {class: data, exclude: ["junk/*"]}, cache: {class: cache}}}
services:
  web:
    image: busybox:1
    command: [sh, -c, "[ -e /data/file ] || { echo first > /data/file; chown 7:8 /data/file; chmod 640 /data/file; mkdir /data/junk; head -c 3000000 /dev/urandom > /data/blob; echo x > /data/junk/y; echo c > /cache/c; }; ${REST}"]
    volumes: ["data:/data", "cache:/cache"]
    environment: { NOTE: "\${NOTE}" }
    stop_grace_period: 1s
    restart: unless-stopped
volumes: { data: , cache: }
`,
});
const LONG = 120_000;

requires('postgres', 'docker')('backups', () => {
  let world: World;
  let folder: string;
  let root: UserCaller;
  let close: () => Promise<void>;
  const ada = user();
  beforeAll(async () => {
    const hostAddresses = async () => ['127.0.0.1'];
    ({ world, folder, root, close } = await createBackupWorld({ store, hostAddresses }));
    const network = randomUUID();
    await world.db.query(
      "insert into networks (id, project_id, name, cidr) values ($1, $2, 'home', '127.0.0.0/8')",
      [network, ada.projectId],
    );
    await world.db.query(
      "insert into network_hosts (id, network_id, name, address) values ($1, $2, 'server', '127.0.0.1')",
      [randomUUID(), network],
    );
    const { operation } = await world.deploy(ada, { template: 'box', network: 'home' });
    await world.end(ada, operation);
  }, LONG);
  afterAll(() => close(), LONG);

  const containerOf = async (app: string) => {
    const label = [`${LABELS.appName}=${app}`, `${LABELS.service}`];
    const [found] = await world.docker.listContainers({ all: true, filters: { label } });
    if (!found) throw new Error(`no container of ${app}`);
    return world.docker.getContainer(found.Id);
  };
  /** Runs a program in the app. @returns what it printed */
  const inApp = async (app: string, ...command: string[]) =>
    (await execIn(await containerOf(app), command)).printed;
  const backUp = async (app: string, mode?: contract.BackupMode, who = ada) => {
    const body = mode ? { mode } : {};
    const reply = await world.call(who, contract.createBackup, { params: { app }, body });
    const end = await world.end(who, reply.operation);
    const params = { backup: reply.backup.id };
    return { end, backup: await world.call(who, contract.getBackup, { params }) };
  };
  const restore = async (backup: string, body: { as?: string } = {}) => {
    const input = { params: { backup }, body: { parameters: {}, ...body } };
    const { operation } = await world.call(ada, contract.restoreBackup, input);
    return world.end(ada, operation);
  };

  const put = (app: string, text: string) =>
    inApp(app, 'sh', '-c', `echo ${text} > /data/file; cat /data/file`);
  const file = (app: string) => inApp(app, 'cat', '/data/file');
  const volumesOf = async (app: string) => {
    const input = { params: { pool: 'default' }, query: { sizes: false } };
    const { volumes } = await world.call(ada, listVolumes, input);
    return volumes.filter((each) => each.app === app && each.volume === 'data');
  };
  const helpers = async () =>
    (await world.left()).containers.filter(({ Labels }) => LABELS.helper in Labels);
  const operate = async (endpoint: typeof contract.deleteBackup, backup: string) => {
    const { operation } = await world.call(ada, endpoint, { params: { backup } });
    return world.end(ada, operation);
  };
  const check = async (backup: string) => {
    const input = { params: { backup }, body: { full: true } };
    const { operation } = await world.call(ada, contract.checkBackups, input);
    return world.end(ada, operation);
  };

  test(
    'have the data of an app, with its owners, for a new one; caches and what is excluded stay out',
    async () => {
      const { end, backup } = await backUp('box');
      expect(end).toMatchObject({ state: 'succeeded' });
      expect(backup).toMatchObject({ state: 'complete', mode: 'stop', volumes: ['data'] });
      expect(backup.sizeBytes).toBeGreaterThan(3_000_000);
      await world.reaches(ada, 'box', 'running');

      expect(await restore(backup.id, { as: 'copy' })).toMatchObject({ state: 'succeeded' });

      expect((await world.show(ada, 'copy')).network).toBe('home');
      expect(await file('copy')).toBe('first');
      expect(await inApp('copy', 'stat', '-c', '%u:%g %a', '/data/file')).toBe('7:8 640');
      expect(await inApp('copy', 'ls', '/data/junk', '/cache')).not.toMatch(/^[yc]$/m);
      const sum = await inApp('copy', 'md5sum', '/data/blob');
      expect(sum).toBe(await inApp('box', 'md5sum', '/data/blob'));
      expect(await helpers()).toEqual([]);
    },
    LONG,
  );

  test(
    'store once what is there already, and bring an app back over itself; its old volumes stay',
    async () => {
      await put('box', 'second');
      const { backup } = await backUp('box');
      expect(backup.addedBytes).toBeLessThan(100_000);
      await world.reaches(ada, 'box', 'running');
      await put('box', 'spoilt');

      expect(await restore(backup.id)).toMatchObject({ state: 'succeeded' });

      expect(await file('box')).toBe('second');
      // What is not in the backup is what it was.
      expect(await inApp('box', 'cat', '/cache/c')).toBe('c');
      const volumes = await volumesOf('box');
      expect(volumes.map(({ state }) => state).toSorted()).toEqual(['kept', 'used']);
      expect(await world.show(ada, 'box')).toMatchObject({ state: 'running', generation: 2 });
    },
    LONG,
  );

  test(
    'pause an app, and let it go on in the same container',
    async () => {
      const before = await (await containerOf('box')).inspect();

      const { backup } = await backUp('box', 'pause');

      expect(backup).toMatchObject({ state: 'complete', mode: 'pause' });
      const { State, Id } = await (await containerOf('box')).inspect();
      expect(State).toMatchObject({ Status: 'running', StartedAt: before.State.StartedAt });
      expect(Id).toBe(before.Id);
    },
    LONG,
  );

  test(
    'outlive their app, which comes back under its name, also if its template is disabled; then they are deleted',
    async () => {
      const allow = (enabled: boolean) =>
        world.call(root, changeTemplate, {
          params: { store: 'cep', app: 'box' },
          body: { enabled },
        });
      const { backup } = await backUp('copy');
      await allow(false);
      await world.end(ada, (await world.destroy(ada, 'copy', true)).operation);
      expect(await volumesOf('copy')).toEqual([]);

      expect(await restore(backup.id)).toMatchObject({ state: 'succeeded' });
      expect(await file('copy')).toBe('first');
      await allow(true);

      // As when what restic said was lost, and it was asked again.
      const params = { backup: backup.id };
      const { repository } = await world.call(ada, contract.getBackup, { params });
      await saveAgain(world, { root, repository, id: backup.id });
      expect(await readdir(join(repository, 'snapshots'))).toHaveLength(2);
      expect(await operate(contract.deleteBackup, backup.id)).toMatchObject({ state: 'succeeded' });
      expect(await readdir(join(repository, 'snapshots'))).toEqual([]);
      await expect(world.call(ada, contract.getBackup, { params })).rejects.toMatchObject({
        code: 'not-found',
      });
    },
    LONG,
  );

  test(
    'are made before an update, and are nobody else’s',
    async () => {
      const input = { params: { app: 'box' }, body: { parameters: { NOTE: 'changed' } } };
      const { steps } = await world.call(ada, planUpdate, input);
      expect(steps[0]).toEqual({ do: 'back-up', what: 'box', after: [] });
      const { operation } = await world.call(ada, updateApp, input);
      expect(await world.end(ada, operation)).toMatchObject({ state: 'succeeded' });

      const { backups } = await world.call(ada, contract.listBackups, { query: { app: 'box' } });
      expect(backups[0]).toMatchObject({ cause: 'update', state: 'complete' });
      expect(await file('box')).toBe('second');
      const eve = user();
      expect(await world.call(eve, contract.listBackups, { query: {} })).toEqual({ backups: [] });
      const params = { backup: backups[0]?.id ?? '' };
      await expect(world.call(eve, contract.getBackup, { params })).rejects.toMatchObject({
        code: 'not-found',
      });
    },
    LONG,
  );

  test(
    'keep their password out of what the engine shows, and of what it and restic say',
    async () => {
      const { password } = await world.call(root, contract.getBackupKey, {
        params: { target: 'disk' },
      });
      const seen: string[] = [];
      const stream = await world.docker.getEvents({ filters: { event: ['create'] } });
      stream.on('data', (bytes: Buffer) => {
        const { Actor } = JSON.parse(bytes.toString()) as { Actor: { ID: string } };
        const container = world.docker.getContainer(Actor.ID);
        container.inspect().then(
          (shown) => seen.push(JSON.stringify(shown)),
          () => {},
        );
      });
      const { end } = await backUp('box');
      (stream as Readable).destroy();

      expect(end.state).toBe('succeeded');
      expect(seen.join()).toContain('RESTIC_PASSWORD_FILE');
      expect(seen.join()).not.toContain(password);
      const params = { target: 'disk' };
      await expect(world.call(ada, contract.getBackupKey, { params })).rejects.toMatchObject({
        code: 'forbidden',
      });
    },
    LONG,
  );

  describe('say what is wrong', () => {
    const repository = async () => {
      const [name = ''] = (await readdir(folder)).filter((each) => each.startsWith('box-'));
      return join(folder, name);
    };

    test(
      'when there is no such folder, and the app runs again',
      async () => {
        const body = { name: 'gone', location: `${folder}-gone`, check: false };
        await world.call(root, contract.addBackupTarget, { body });
        const input = { params: { app: 'box' }, body: { target: 'gone' } };
        const { operation } = await world.call(ada, contract.createBackup, input);

        expect(await world.end(ada, operation)).toMatchObject({
          state: 'failed',
          failure: { code: 'target-unreachable', next: expect.stringContaining('mkdir') },
        });
        await world.reaches(ada, 'box', 'running');
      },
      LONG,
    );

    test(
      'when a password does not open the repository',
      async () => {
        const body = { name: 'other', location: await mkdtemp(join(tmpdir(), 'cep-backups-')) };
        await world.call(root, contract.addBackupTarget, { body });
        const input = { params: { app: 'box' }, body: { target: 'other' } };
        const { operation } = await world.call(ada, contract.createBackup, input);
        expect(await world.end(ada, operation)).toMatchObject({ state: 'succeeded' });
        await world.reaches(ada, 'box', 'running');
        const here = await repository();
        const there = join(body.location, basename(here));
        await rename(join(here, 'keys'), join(here, 'own-keys'));
        await cp(join(there, 'keys'), join(here, 'keys'), { recursive: true });

        const { backup } = await backUp('box');

        expect(backup).toMatchObject({ state: 'failed', reason: { code: 'wrong-password' } });
        await world.reaches(ada, 'box', 'running');
        await rm(join(here, 'keys'), { recursive: true });
        await rename(join(here, 'own-keys'), join(here, 'keys'));
        await rm(body.location, { recursive: true });
      },
      LONG,
    );

    test(
      'when what lies there is damaged; the app is what it was',
      async () => {
        const { backup } = await backUp('box');
        await world.reaches(ada, 'box', 'running');
        expect(await check(backup.id)).toMatchObject({ state: 'succeeded' });
        for (const path of await packsIn(await repository())) {
          const bytes = await readFile(path);
          await chmod(path, 0o600);
          await writeFile(path, bytes.fill(7, 0, Math.min(bytes.length, 5_000)));
        }

        expect(await check(backup.id)).toMatchObject({
          state: 'failed',
          failure: { code: 'backup-damaged' },
        });
        const end = await restore(backup.id);
        expect(end).toMatchObject({ state: 'failed', failure: { code: 'backup-damaged' } });
        expect(await file('box')).toBe('second');
        expect(await volumesOf('box')).toHaveLength(2);
        expect(await helpers()).toEqual([]);
      },
      LONG,
    );
  });
});

async function packsIn(repository: string): Promise<string[]> {
  const entries = await readdir(join(repository, 'data'), { recursive: true, withFileTypes: true });
  return entries.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
}
