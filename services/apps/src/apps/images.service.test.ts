import * as contract from '@cep/contracts/apps';
import * as plans from '@cep/contracts/plans';
import { fromRig } from '@cep/testing/from-rig';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createWorld, storeOf, user, type World } from '../apps.fixture.ts';

const SLEEP = `[sh, -c, "trap 'exit 0' TERM; sleep 1000 & wait"]`;
const templates = (registry: string) =>
  storeOf({
    moving: `, parameters: [{name: WORD, type: string, label: Word, default: one}], endpoints: []}
services:
  always:
    image: ${registry}/moving:1
    pull_policy: always
    command: ${SLEEP}
    stop_grace_period: 1s
  missing:
    image: ${registry}/moving:2
    command: ${SLEEP}
    environment: { WORD: "\${WORD}" }
    stop_grace_period: 1s
`,
    never: `services: { main: { image: "${registry}/nowhere:1", pull_policy: never } }\n`,
  });

const LONG = 60_000;

requires('postgres', 'docker')('the images of an app', () => {
  let world: World;
  let registry: string;
  const ada = user();
  const params = { app: 'moving' };

  /** Gives both names to an image that has never been there. @returns its digest */
  async function push(): Promise<string> {
    const { docker } = world;
    const made = await docker.createContainer({ Image: 'busybox:1', Cmd: ['true'] });
    const repo = `${registry}/moving`;
    const digests: string[] = [];
    for (const tag of ['1', '2']) {
      await made.commit({ repo, tag, comment: 'another one' });
      const image = docker.getImage(`${repo}:${tag}`);
      const sent = await image.push({
        authconfig: { username: '', password: '', serveraddress: '' },
      });
      await new Promise((resolve) => docker.modem.followProgress(sent, resolve));
      const { RepoDigests } = await image.inspect();
      digests.push(RepoDigests[0]?.split('@')[1] ?? '');
    }
    await made.remove();
    return digests[0] ?? '';
  }

  beforeAll(async () => {
    registry = fromRig('TEST_REGISTRY');
    world = await createWorld({ store: templates(registry) });
    const pulled = await world.docker.pull('busybox:1');
    await new Promise((resolve) => world.docker.modem.followProgress(pulled, resolve));
  }, LONG);
  afterAll(() => world.close(), LONG);

  const running = async () => {
    const { containers } = await world.left();
    return Object.fromEntries(
      containers.map(({ Labels, Image }) => [Labels['cep.service'], Image.split('@')[1]]),
    );
  };
  const update = async (parameters: Record<string, string> = {}) => {
    const body = { parameters };
    const { operation } = await world.call(ada, contract.updateApp, { params, body });
    return world.end(ada, operation);
  };

  test(
    'are what their names stood for, through restarts, repairs and updates of other things',
    async () => {
      const first = await push();
      const { operation } = await world.deploy(ada, { template: 'moving' });
      expect(await world.end(ada, operation)).toMatchObject({ state: 'succeeded' });
      const before = await running();
      expect(before.always).toBe(first);

      await push();
      await world.end(ada, (await world.call(ada, contract.restartApp, { params })).operation);
      expect(await running()).toEqual(before);
      for (const { Id } of (await world.left()).containers) {
        await world.docker.getContainer(Id).remove({ force: true });
      }
      await world.reaches(ada, 'moving', 'starting').catch(() => {});
      await world.reaches(ada, 'moving', 'running');
      expect(await running()).toEqual(before);
      await update({ WORD: 'two' });
      expect((await running()).missing).toBe(before.missing);
    },
    LONG,
  );

  test(
    'that are pulled always are new with an update, which says so before; a rollback has the old ones',
    async () => {
      const before = await running();
      const now = await push();
      const body = { parameters: {} };

      const plan = await world.call(ada, plans.planUpdate, { params, body });

      expect(plan.images).toEqual([
        { service: 'always', image: `${registry}/moving:1`, from: before.always, to: now },
      ]);
      expect(await running()).toEqual(before);
      expect(await update()).toMatchObject({ state: 'succeeded' });
      expect(await running()).toEqual({ ...before, always: now });
      const { generation } = await world.show(ada, 'moving');
      expect(await update()).toMatchObject({ state: 'succeeded' });
      expect((await world.show(ada, 'moving')).generation).toBe(generation);
      const back = await world.call(ada, contract.rollbackApp, { params, body: {} });
      expect(await world.end(ada, back.operation)).toMatchObject({ state: 'succeeded' });
      expect(await running()).toEqual(before);
    },
    LONG,
  );

  test(
    'that are never pulled have to be there',
    async () => {
      const { operation } = await world.deploy(ada, { template: 'never' });

      const end = await world.end(ada, operation);

      expect(end).toMatchObject({ state: 'failed', failure: { code: 'image-not-found' } });
      expect(end.failure?.next).toContain('pull_policy');
      await world.end(ada, (await world.destroy(ada, 'never')).operation);
    },
    LONG,
  );
});
