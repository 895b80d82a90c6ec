/** Programs that are not cep's listen where an app is to: nothing of the app is touched for it. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import * as contract from '@cep/contracts/apps';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createWorld, storeOf, user, type World } from '../apps.fixture.ts';

const TAKEN = 18_197;
const FREE = 18_198;
const LONG = 60_000;

const web = (port: string) => `services:
  web:
    image: busybox:1
    command: [sh, -c, "trap 'exit 0' TERM; sleep 1000 & wait"]
    ports: ["${port}"]
    volumes: ["data:/data"]
    stop_grace_period: 1s
volumes: { data: }
`;

requires('postgres', 'docker')('where a stranger listens', () => {
  let world: World;
  const ada = user();
  const stranger = createServer();
  const params = { app: 'shop' };
  beforeAll(async () => {
    stranger.listen(TAKEN, '127.0.0.1');
    await once(stranger, 'listening');
    world = await createWorld({ store: storeOf({}) });
  }, LONG);
  afterAll(async () => {
    await world.close();
    stranger.close();
  }, LONG);

  const deploy = async (compose: string, name: string) =>
    world.end(ada, (await world.deploy(ada, { compose, name })).operation);
  const running = async () => {
    const [found] = (await world.left()).containers;
    const { Id, State } = await world.docker.getContainer(found?.Id ?? '').inspect();
    return { id: Id, startedAt: State.StartedAt, state: State.Status };
  };

  test(
    'a file that says the port is told so, before a container is made',
    async () => {
      const end = await deploy(web(`${TAKEN}:80`), 'other');

      expect(end).toMatchObject({
        state: 'failed',
        failure: { code: 'port-taken', message: expect.stringContaining(`${TAKEN}`) },
      });
      expect(end.failure?.next).toContain('in your file');
      expect(await world.left()).toMatchObject({ containers: [] });
      await world.end(ada, (await world.destroy(ada, 'other', true)).operation);
    },
    LONG,
  );

  test(
    'what runs goes on when it is to move there',
    async () => {
      expect(await deploy(web(`${FREE}:80`), 'shop')).toMatchObject({ state: 'succeeded' });
      const before = await running();

      const body = { parameters: {}, compose: web(`${TAKEN}:80`) };
      const { operation } = await world.call(ada, contract.updateApp, { params, body });

      expect(await world.end(ada, operation)).toMatchObject({ failure: { code: 'port-taken' } });
      expect(await running()).toEqual(before);
      expect((await world.show(ada, 'shop')).endpoints).toMatchObject([{ port: FREE }]);
    },
    LONG,
  );

  test(
    'a file that leaves it open gets the next one',
    async () => {
      const body = { parameters: {}, compose: web(`\${PORT:-${TAKEN}}:80`) };

      const { operation } = await world.call(ada, contract.updateApp, { params, body });

      expect(await world.end(ada, operation)).toMatchObject({ state: 'succeeded' });
      expect((await world.show(ada, 'shop')).endpoints).toMatchObject([
        { port: expect.not.closeTo(TAKEN, 0) },
      ]);
    },
    LONG,
  );
});
