import { restartApp } from '@cep/contracts/apps';
import type { Input } from '@cep/contracts/endpoint';
import * as contract from '@cep/contracts/executions';
import { watchHappenings } from '@cep/contracts/happenings';
import { readLogs } from '@cep/contracts/logs';
import { getUsage } from '@cep/contracts/usage';
import { eventually } from '@cep/testing/eventually';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createWorld, storeOf, user, type World } from '../apps.fixture.ts';

const store = storeOf({
  box: `services:
  main:
    image: busybox:1
    command: [sh, -c, "echo line 1; echo line 2; trap 'exit 0' TERM; sleep 1000 & wait"]
    restart: unless-stopped
    stop_grace_period: 1s
`,
});
const LONG = 60_000;
const params = { app: 'box' };

requires('postgres', 'docker')('in the containers of an app', () => {
  let world: World;
  const ada = user();
  beforeAll(async () => {
    world = await createWorld({ store });
    await world.end(ada, (await world.deploy(ada, { template: 'box' })).operation);
  }, LONG);
  afterAll(() => world.close(), LONG);

  async function run(
    body: Input<typeof contract.execute>['body'],
    steer: readonly Input<typeof contract.steerExecution>['body'][] = [],
  ) {
    const client = await world.client(ada);
    const events = await client.stream(contract.execute, { params, body });
    const printed = { stdout: '', stderr: '' };
    let exitCode: number | undefined;
    for await (const event of events) {
      const { execution = '' } = event;
      if (execution) {
        for (const each of steer) {
          await client.call(contract.steerExecution, { params: { execution }, body: each });
        }
      }
      if (event.stream) {
        printed[event.stream] += Buffer.from(event.data ?? '', 'base64').toString();
      }
      exitCode = event.exitCode ?? exitCode;
    }
    return { ...printed, exitCode };
  }

  test(
    'a program runs as it is given, its outputs apart, and ends with its own code',
    async () => {
      const command = ['sh', '-c', 'echo "$1"; echo err >&2; exit 7', 'sh', '$(id)'];

      expect(await run({ command, input: false })).toEqual({
        stdout: '$(id)\n',
        stderr: 'err\n',
        exitCode: 7,
      });
    },
    LONG,
  );

  test(
    'a program reads what it is given, to the end of it',
    async () => {
      const data = Buffer.from('hello\n').toString('base64');

      expect(await run({ command: ['cat'], input: true }, [{ data }, { end: true }])).toEqual({
        stdout: 'hello\n',
        stderr: '',
        exitCode: 0,
      });
    },
    LONG,
  );

  test(
    'a program has a terminal of the size that is asked for',
    async () => {
      const command = ['sh', '-c', 'read go; stty size'];
      const terminal = { columns: 90, rows: 30 };
      const data = Buffer.from('\n').toString('base64');

      const size = { columns: 111, rows: 44 };
      const { stdout, exitCode } = await run({ command, input: true, terminal }, [
        { size },
        { data },
      ]);

      expect([stdout.trim().split('\n').at(-1), exitCode]).toEqual(['44 111', 0]);
    },
    LONG,
  );

  test(
    'nobody else runs a program, or steers one',
    async () => {
      const stranger = await world.client(user());
      const body = { command: ['cat'], input: true };
      await expect(stranger.stream(contract.execute, { params, body })).rejects.toMatchObject({
        code: 'not-found',
      });
      const own = await (await world.client(ada)).stream(contract.execute, { params, body });
      const [first] = [await own[Symbol.asyncIterator]().next()];
      const execution = (first.value as { execution: string }).execution;

      await expect(
        stranger.call(contract.steerExecution, { params: { execution }, body: { end: true } }),
      ).rejects.toMatchObject({ code: 'not-found' });
      await (await world.client(ada)).call(contract.steerExecution, {
        params: { execution },
        body: { end: true },
      });
    },
    LONG,
  );

  test(
    'logs go on after a restart, and tell no line twice',
    async () => {
      const query = { follow: true, tail: 10 };
      const stream = await (await world.client(ada)).stream(readLogs, { params, query });
      const seen: string[] = [];
      const reading = (async () => {
        for await (const { text } of stream) seen.push(text);
      })();
      await eventually(async () => expect(seen).toEqual(['line 1', 'line 2']), { within: 10_000 });

      const { operation } = await world.call(ada, restartApp, { params });
      await world.end(ada, operation);

      await eventually(async () => expect(seen).toEqual(['line 1', 'line 2', 'line 1', 'line 2']), {
        within: 10_000,
      });
      const since = new Date(Date.now() + 60_000).toISOString();
      const late = { follow: false, tail: 10, since };
      const none = await (await world.client(ada)).stream(readLogs, {
        params,
        query: late,
      });
      for await (const line of none) seen.push(`late: ${line.text}`);
      expect(seen).toHaveLength(4);
      await world.end(ada, (await world.destroy(ada, 'box', true)).operation);
      await reading;
      await world.end(ada, (await world.deploy(ada, { template: 'box' })).operation);
    },
    LONG,
  );

  test(
    'usage and what happened are as the engine tells them',
    async () => {
      const { services } = await world.call(ada, getUsage, { params });
      expect(services).toMatchObject([{ name: 'main', processes: expect.any(Number) }]);
      expect(services[0]?.memoryBytes).toBeGreaterThan(0);

      const whats = async (caller: typeof ada) => {
        const query = { follow: false };
        const stream = await (await world.client(caller)).stream(watchHappenings, {
          query,
        });
        const seen: string[] = [];
        for await (const { app, service, what } of stream) seen.push(`${app}/${service} ${what}`);
        return seen;
      };
      expect(await whats(ada)).toEqual(
        expect.arrayContaining(['box/main create', 'box/main start']),
      );
      expect(await whats(user())).toEqual([]);
    },
    LONG,
  );
});
