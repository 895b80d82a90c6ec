import * as contract from '@cep/contracts/apps';
import * as generations from '@cep/contracts/generations';
import { readLogs } from '@cep/contracts/logs';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createWorld, storeOf, user, type World } from '../apps.fixture.ts';
import { runDoomed } from '../run-doomed.fixture.ts';

const hook = (phase: string, line: string) =>
  `${phase}: { service: main, timeout: 5s, command: [sh, -c, ${JSON.stringify(line)}],
     environment: { WORD: "\${WORD}", CODE: "\${CODE}", PASSWORD: "\${PASSWORD}" } }`;
const LOG = 'sleep 0.3; echo';
const store = storeOf({
  notes: `, hooks: {
    ${hook('postInstall', `${LOG} installed-$WORD >> /data/log`)},
    ${hook('preUpdate', `${LOG} before-$WORD >> /data/log`)},
    ${hook('postUpdate', `echo the password is $PASSWORD; ${LOG} after-$WORD >> /data/log; exit $CODE`)}},
  parameters: [
    {name: WORD, type: string, label: Word, default: one},
    {name: CODE, type: integer, label: Code, default: "0"},
    {name: PASSWORD, type: secret, label: Password, generate: {kind: hex}}]}
services:
  main:
    image: busybox:1
    command: [sh, -c, "trap 'exit 0' TERM; sleep 1000 & wait"]
    environment: { WORD: "\${WORD}", CODE: "\${CODE}" }
    volumes: ["data:/data"]
    stop_grace_period: 1s
volumes: { data: }
`,
});

/** Of these points, the one just after a program has begun that prints. */
const CUT_OFF = 13;

const NOWHERE = 'unix:///nowhere/docker.sock';
const LONG = 60_000;

requires('postgres', 'docker')('the hooks of an app', () => {
  let world: World;
  const ada = user();
  const params = { app: 'notes' };
  beforeAll(async () => {
    world = await createWorld({ store });
    await world.end(ada, (await world.deploy(ada, { template: 'notes' })).operation);
  }, LONG);
  afterAll(() => world.close(), LONG);

  const log = async () => {
    const [container] = (await world.left()).containers;
    const exec = await world.docker
      .getContainer(container?.Id ?? '')
      .exec({ Cmd: ['cat', '/data/log'], AttachStdout: true, Tty: true });
    let text = '';
    for await (const chunk of await exec.start({ Tty: true })) text += chunk;
    return text.split(/\s+/).filter(Boolean);
  };
  const update = async (parameters: Record<string, string>) =>
    (await world.call(ada, contract.updateApp, { params, body: { parameters } })).operation;
  const newest = async () =>
    (await world.call(ada, generations.listGenerations, { params })).generations[0];

  test(
    'run at their time, and what they print is kept without secrets',
    async () => {
      expect(await log()).toEqual(['installed-one']);
      const { PASSWORD = '' } = (await world.show(ada, 'notes', true)).parameters;

      const end = await world.end(ada, await update({ WORD: 'two' }));

      expect(end).toMatchObject({ state: 'succeeded' });
      expect(await log()).toEqual(['installed-one', 'before-two', 'after-two']);
      const generation = await newest();
      expect(generation?.hooks).toMatchObject([
        { phase: 'preUpdate', state: 'succeeded', exitCode: 0, output: '' },
        { phase: 'postUpdate', state: 'succeeded', exitCode: 0, output: 'the password is ***' },
      ]);
      expect(JSON.stringify(generation)).not.toContain(PASSWORD);
    },
    LONG,
  );

  test(
    'that fail lead back to what ran before',
    async () => {
      const { generation } = await world.show(ada, 'notes');

      const end = await world.end(ada, await update({ WORD: 'bad', CODE: '3' }));

      expect(end).toMatchObject({ state: 'failed', failure: { code: 'hook-failed' } });
      expect(end.failure?.message).toContain('postUpdate in main ended with code 3');
      expect((await newest())?.state).toBe('failed');
      await world.reaches(ada, 'notes', 'running');
      expect((await world.show(ada, 'notes')).generation).toBe(generation);
      expect((await log()).filter((line) => line.includes('bad'))).toEqual([
        'before-bad',
        'after-bad',
      ]);
    },
    LONG,
  );

  test.each([0, 1, 2, 3, 5, 8, 10, 11, 12, 13])(
    'run once though the service is killed at point %d',
    async (point) => {
      const word = `w${point}`;
      await world.restart({ store, host: NOWHERE });
      const operation = await update({ WORD: word, CODE: '0' });
      await world.stop();
      await runDoomed(world, point);
      await world.restart({ store });

      expect(await world.end(ada, operation)).toMatchObject({ state: 'succeeded' });
      const lines = (await log()).filter((line) => line.endsWith(`-${word}`));
      // What prints when nobody reads any more may fail for that, and is then run again.
      expect(point === CUT_OFF ? [...new Set(lines)] : lines).toEqual([
        `before-${word}`,
        `after-${word}`,
      ]);
    },
    LONG,
  );

  test(
    'before the end run in what is to go, once, and hold up nobody when they fail',
    async () => {
      const compose = `x-cep: {hooks: {preDestroy: {service: main, timeout: 5s, onFailure: warn,
          command: [sh, -c, "echo said >> /data/log; echo goodbye; exit 3"]}}}
services:
  main: {image: "busybox:1", command: [sleep, "1000"], stop_grace_period: 0s, volumes: ["data:/data"]}
  late: {image: "busybox:1", command: [sleep, "1000"], stop_grace_period: 0s}
volumes: {data: }
`;
      const { operation } = await world.deploy(ada, { compose, name: 'leaving' });
      await world.end(ada, operation);

      const end = await world.end(ada, (await world.destroy(ada, 'leaving')).operation);

      expect(end).toMatchObject({ state: 'succeeded' });
      expect(end.seen.map(({ step }) => step).join('\n')).toContain('goodbye');
      const reader = `x-cep: {id: leaving}
services: {main: {image: "busybox:1", command: [sh, -c, "cat /data/log; sleep 1000"], stop_grace_period: 0s, volumes: ["data:/data"]}}
volumes: {data: }
`;
      const again = await world.deploy(ada, { compose: reader, name: 'leaving' });
      expect(await world.end(ada, again.operation)).toMatchObject({ state: 'succeeded' });
      const lines: string[] = [];
      const stream = await (await world.client(ada)).stream(readLogs, {
        params: { app: 'leaving' },
        query: { follow: false, tail: 10 },
      });
      for await (const { text } of stream) lines.push(text);
      expect(lines).toEqual(['said']);
      await world.end(ada, (await world.destroy(ada, 'leaving', true)).operation);
    },
    LONG,
  );
});
