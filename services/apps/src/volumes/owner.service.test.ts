import { stat } from 'node:fs/promises';
import * as contract from '@cep/contracts/apps';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createWorld, storeOf, user, type World } from '../apps.fixture.ts';
import { runDoomed } from '../run-doomed.fixture.ts';

/** Writes as a user that nobody has heard of; what it makes of its folder, it makes once. */
const store = storeOf({
  box: `, parameters: [{name: WORD, type: string, label: Word, default: one}],
  volumes: {data: {class: data, uid: 1234, gid: 2345, mode: "2750"}}}
services:
  web:
    image: busybox:1
    user: "1234:2345"
    read_only: true
    environment: { WORD: "\${WORD}" }
    command: [sh, -c, "[ -e /data/file ] || { date > /data/file && chmod 0711 /data; }; trap 'exit 0' TERM; sleep 1000 & wait"]
    volumes: ["data:/data"]
    healthcheck: { test: [CMD, test, -s, /data/file], interval: 5s, timeout: 2s, retries: 1 }
    stop_grace_period: 1s
  other:
    image: busybox:1
    command: [sh, -c, "stat -c '%u:%g %a' /data; trap 'exit 0' TERM; sleep 1000 & wait"]
    volumes: ["data:/data:ro", "plain:/plain"]
    stop_grace_period: 1s
volumes: { data: , plain: }
`,
});
const LONG = 60_000;

requires('postgres', 'docker')('a volume that has an owner', () => {
  let world: World;
  const ada = user();
  beforeAll(async () => {
    world = await createWorld({ store });
  }, LONG);
  afterAll(() => world.close(), LONG);

  const look = async (volume: string) => {
    const { volumes } = await world.left();
    const found = volumes.find(({ Name }) => Name.endsWith(`-${volume}`));
    const { uid, gid, mode } = await stat(found?.Mountpoint ?? '');
    return { uid, gid, mode: (mode & 0o7777).toString(8) };
  };
  const running = async () => {
    await world.reaches(ada, 'box', 'running');
    const { containers } = await world.left();
    expect(containers.map(({ Labels }) => Labels['cep.service'] ?? '').toSorted()).toEqual([
      'other',
      'web',
    ]);
    expect((await world.db.query('select from unowned_volumes')).rowCount).toBe(0);
  };

  test(
    'is its owner’s before anything starts, and what becomes of it then stays',
    async () => {
      const end = await world.end(ada, (await world.deploy(ada, { template: 'box' })).operation);
      expect(end).toMatchObject({ state: 'succeeded' });
      await running();
      const own = { uid: 1234, gid: 2345, mode: '711' };
      expect(await look('data')).toEqual(own);
      expect(await look('plain')).toEqual({ uid: 0, gid: 0, mode: '755' });

      const params = { app: 'box' };
      const body = { parameters: { WORD: 'two' } };
      const { operation } = await world.call(ada, contract.updateApp, { params, body });
      expect(await world.end(ada, operation)).toMatchObject({ state: 'succeeded' });
      expect(await look('data')).toEqual(own);

      await world.end(ada, (await world.destroy(ada, 'box')).operation);
      await world.end(ada, (await world.deploy(ada, { template: 'box' })).operation);
      await running();
      expect(await look('data')).toEqual(own);
      await world.end(ada, (await world.destroy(ada, 'box', true)).operation);
    },
    LONG,
  );

  /** Around what gives it to its owner; reconciler/crash.service.test.ts tries every point. */
  test.each([3, 4, 5, 6, 7, 8, 9, 10])(
    'is so though the service is killed at point %d on the way',
    async (point) => {
      await world.restart({ store, host: 'unix:///nowhere/docker.sock' });
      const { operation } = await world.deploy(ada, { template: 'box' });
      await world.stop();
      expect(await runDoomed(world, point)).toBe('SIGKILL');
      await world.restart({ store });

      expect(await world.end(ada, operation)).toMatchObject({ state: 'succeeded' });
      await running();
      expect(await look('data')).toEqual({ uid: 1234, gid: 2345, mode: '711' });
      await world.end(ada, (await world.destroy(ada, 'box', true)).operation);
      const { containers, volumes } = await world.left();
      expect([containers, volumes]).toEqual([[], []]);
    },
    LONG,
  );
});
