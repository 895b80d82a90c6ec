/** Backups in a bucket of a server that speaks S3, which the engine's containers reach by its bridge. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from '@20minutes/s3rver';
import * as contract from '@cep/contracts/backups';
import type { UserCaller } from '@cep/contracts/caller';
import { eventually } from '@cep/testing/eventually';
import { fromRig } from '@cep/testing/from-rig';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createWorld, storeOf, user, type World } from '../apps.fixture.ts';
import { createEngine } from '../engine/engine.ts';
import { LABELS } from '../engine/labels.ts';
import { onlyEngine } from '../engines/only-engine.fixture.ts';
import { tryTarget } from './try-target.ts';

const store = storeOf({
  box: `services:
  web:
    image: busybox:1
    command: [sh, -c, "[ -e /data/file ] || echo first > /data/file; cat /data/file; trap 'exit 0' TERM; sleep 1000 & wait"]
    volumes: ["data:/data"]
    stop_grace_period: 1s
volumes: { data: }
`,
});
const LONG = 120_000;
const keys = { keyId: 'S3RVER', keySecret: 'S3RVER' };

requires('postgres', 'docker')('backups in a bucket', () => {
  let world: World;
  let folder: string;
  let server: S3rver;
  let address: string;
  const ada = user();
  const root: UserCaller = { ...user(), role: 'admin' };
  beforeAll(async () => {
    world = await createWorld({ store });
    folder = await mkdtemp(join(tmpdir(), 'cep-s3-'));
    const bridge = await world.docker.getNetwork('bridge').inspect();
    const gateway = bridge.IPAM?.Config?.[0]?.Gateway ?? '';
    server = new S3rver({
      ...{ address: gateway, port: 0, silent: true, directory: folder },
      // Its own idea of signatures is not that of every client; restic's are what they should be.
      allowMismatchedSignatures: true,
      configureBuckets: [{ name: 'cep' }],
    });
    const { port } = await server.run();
    address = `s3:http://${gateway}:${port}`;
  }, LONG);
  afterAll(async () => {
    await world.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }, LONG);

  const add = (name: string, location: string, more: object = {}) =>
    world.call(root, contract.addBackupTarget, { body: { name, location, ...keys, ...more } });
  const backUp = async (target: string) => {
    const input = { params: { app: 'box' }, body: { target } };
    const { backup, operation } = await world.call(ada, contract.createBackup, input);
    return { id: backup.id, end: await world.end(ada, operation) };
  };

  test(
    'are made and restored; a host that is not there is told',
    async () => {
      await add('away', `${address}/cep/apps`);
      const tried = { params: { target: 'away' }, body: {} };
      expect(await world.call(root, contract.checkBackupTarget, tried)).toEqual({
        freeBytes: null,
      });
      await world.end(ada, (await world.deploy(ada, { template: 'box' })).operation);
      const { id, end } = await backUp('away');
      expect(end).toMatchObject({ state: 'succeeded' });
      await world.reaches(ada, 'box', 'running');
      await world.end(ada, (await world.destroy(ada, 'box', true)).operation);

      const input = { params: { backup: id }, body: { parameters: {} } };
      const { operation } = await world.call(ada, contract.restoreBackup, input);
      expect(await world.end(ada, operation)).toMatchObject({ state: 'succeeded' });
      const { backups } = await world.call(ada, contract.listBackups, { query: {} });
      expect(backups).toMatchObject([{ id, state: 'complete', target: 'away' }]);
      expect(backups[0]?.sizeBytes).toBeGreaterThan(0);

      await add('nowhere', 's3:http://127.0.0.1:9/cep', { check: false });
      expect((await backUp('nowhere')).end).toMatchObject({
        state: 'failed',
        failure: { code: 'target-unreachable' },
      });
    },
    LONG,
  );

  test(
    'are not begun in a bucket that is not there, with a key that is refused, or at a host that is silent',
    async () => {
      await expect(add('none', `${address}/none`)).rejects.toMatchObject({
        ...{ code: 'target-unusable', message: expect.stringContaining('no such bucket') },
      });
      // restic itself would have made it.
      expect(await readdir(folder)).not.toContain('none');
      await expect(add('key', `${address}/cep`, { keyId: 'STRANGER' })).rejects.toMatchObject({
        ...{ code: 'target-unusable', message: expect.stringContaining('key is refused') },
      });
      await expect(add('closed', 's3:http://127.0.0.1:9/cep')).rejects.toMatchObject({
        ...{ code: 'target-unusable', message: expect.stringContaining('not reached') },
      });

      const silent = createServer(() => {});
      const gateway = new URL(address.slice('s3:'.length)).hostname;
      await once(silent.listen(0, gateway), 'listening');
      const { port } = silent.address() as AddressInfo;
      const place = { kind: 's3' as const, at: `s3:http://${gateway}:${port}/cep` };
      const instance = randomUUID();
      const engine = createEngine(fromRig('TEST_DOCKER_HOST'), instance);
      const late = tryTarget(
        { engines: onlyEngine(engine), instance, backupImage: 'restic/restic:0.18.1' },
        { place, keys, on: 'local' },
        3_000,
      );
      await expect(late).rejects.toMatchObject({
        ...{ code: 'target-unusable', message: expect.stringContaining('did not answer') },
      });
      silent.close();

      const filters = { label: [`${LABELS.instance}=${instance}`] };
      await eventually(async () =>
        expect(await world.docker.listContainers({ all: true, filters })).toEqual([]),
      );
      const { targets } = await world.call(root, contract.listBackupTargets, {});
      expect(targets.map(({ name }) => name).toSorted()).toEqual(['away', 'nowhere']);
    },
    LONG,
  );
});
