/** A service process that is killed while it changes an app that is there: the next one goes on. */
import * as contract from '@cep/contracts/apps';
import * as generations from '@cep/contracts/generations';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createWorld, storeOf, user, type World } from '../apps.fixture.ts';
import { runDoomed } from '../run-doomed.fixture.ts';
import { WRITER } from '../writer.fixture.ts';

const store = storeOf({
  site: `, parameters: [{name: WORD, type: string, label: Word, default: one}],
  endpoints: [{name: web, service: web, port: 80, scheme: http}]}
services:
  db:${WRITER}
    healthcheck: { test: [CMD, test, -f, /data/words], interval: 5s, timeout: 2s, retries: 3 }
  web:
    image: hello:1
    environment: { WORD: "\${WORD}" }
    ports: ["18183:80"]
    x-cep: { update: { strategy: start-first } }
    restart: unless-stopped
    stop_grace_period: 1s
    depends_on: { db: { condition: service_healthy } }
    healthcheck: { test: [CMD, wget, -q, -O, /dev/null, "http://127.0.0.1/"], interval: 5s, timeout: 2s, retries: 3 }
volumes: { data: }
`,
});

const NOWHERE = 'unix:///nowhere/docker.sock';
const LONG = 60_000;
/** From when a service is there again until all is as it should be. */
const CONVERGES_MS = 5_000;

requires('postgres', 'docker')('a service that is killed', () => {
  let world: World;
  const ada = user();
  const params = { app: 'site' };
  let word = 'one';
  beforeAll(async () => {
    world = await createWorld({ store });
    const { operation } = await world.deploy(ada, { template: 'site' });
    await world.end(ada, operation);
  }, LONG);
  afterAll(() => world.close(), LONG);

  const inDb = async (...Cmd: string[]) => {
    const { containers } = await world.left();
    const { Id = '' } = containers.find(({ Labels }) => Labels['cep.service'] === 'db') ?? {};
    const exec = await world.docker.getContainer(Id).exec({ Cmd, AttachStdout: true, Tty: true });
    let text = '';
    for await (const chunk of await exec.start({ Tty: true })) text += chunk;
    return text.split(/\s+/).filter(Boolean);
  };

  /** Asks a service without engine for a change, and has another one die over it. */
  async function die(point: number, ask: () => Promise<{ operation: { id: string } }>) {
    await world.restart({ store, host: NOWHERE });
    const { operation } = await ask();
    await world.stop();
    await runDoomed(world, point);
    await world.restart({ store });
    const back = Date.now();
    return { end: await world.end(ada, operation as never), took: Date.now() - back };
  }

  const isWhole = async () => {
    await world.reaches(ada, 'site', 'running');
    const { containers, networks, volumes } = await world.left();
    const services = containers.map(({ Labels }) => Labels['cep.service'] ?? '');
    expect(services.sort()).toEqual(['cep-front', 'db', 'web']);
    expect([networks.length, volumes.length]).toEqual([1, 1]);
    expect(await inDb('ls', '/data')).toEqual(['lock', 'words']);
    expect((await inDb('cat', '/data/words')).at(-1)).toBe(word);
    expect(await (await fetch('http://127.0.0.1:18183')).text()).toContain('hello');
  };

  test.each(Array.from({ length: 16 }, (_, point) => point))(
    'at point %d of an update goes on from there',
    async (point) => {
      word = `word${point}`;
      const body = { parameters: { WORD: word } };

      const { end, took } = await die(point, () =>
        world.call(ada, contract.updateApp, { params, body }),
      );

      expect(end).toMatchObject({ state: 'succeeded' });
      expect(took).toBeLessThan(CONVERGES_MS);
      await isWhole();
    },
    LONG,
  );

  test.each([1, 4, 7, 10, 13])(
    'at point %d of a rollback goes on from there',
    async (point) => {
      const all = (await world.call(ada, generations.listGenerations, { params })).generations;
      const before = all.find(({ isCurrent, state }) => !isCurrent && state === 'good');

      const { end, took } = await die(point, () =>
        world.call(ada, contract.rollbackApp, { params, body: { generation: before?.number } }),
      );

      expect(end).toMatchObject({ state: 'succeeded' });
      expect(took).toBeLessThan(CONVERGES_MS);
      word = (await world.show(ada, 'site')).parameters.WORD ?? '';
      await isWhole();
    },
    LONG,
  );

  test.each([0, 1, 3, 4, 6, 7, 9])(
    'at point %d of its end goes on from there',
    async (point) => {
      const { end, took } = await die(point, () => world.destroy(ada, 'site', true));

      expect(end).toMatchObject({ state: 'succeeded' });
      expect(took).toBeLessThan(CONVERGES_MS);
      const { containers, networks, volumes } = await world.left();
      expect([containers, networks, volumes]).toEqual([[], [], []]);
      const { operation } = await world.deploy(ada, { template: 'site' });
      expect(await world.end(ada, operation)).toMatchObject({ state: 'succeeded' });
    },
    LONG,
  );
});
