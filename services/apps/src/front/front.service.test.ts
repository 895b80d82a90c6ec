import { Agent, get } from 'node:http';
import * as contract from '@cep/contracts/apps';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createWorld, storeOf, user, type World } from '../apps.fixture.ts';

const PORT = 18_182;
const REQUESTS = 10_000;
/** Answers at once, and under /cgi-bin/slow after a second. It is killed, and so ends nothing itself. */
const SERVE = [
  'mkdir -p /tmp/w/cgi-bin',
  'echo $WORD > /tmp/w/index.html',
  `printf '#!/bin/sh\\nsleep 1\\necho; echo slow\\n' > /tmp/w/cgi-bin/slow`,
  'chmod +x /tmp/w/cgi-bin/slow',
  'exec busybox httpd -f -p 80 -h /tmp/w',
].join('; ');

const store = storeOf({
  site: `, parameters: [{name: WORD, type: string, label: Word, default: w0}],
  endpoints: [{name: web, service: web, port: 80, scheme: http}], update: {strategy: start-first}}
services:
  web:
    image: hello:1
    command: [sh, -c, ${JSON.stringify(SERVE.replaceAll('$', '$$$$'))}]
    environment: { WORD: "\${WORD}" }
    ports: ["${PORT}:80"]
    stop_signal: SIGKILL
    healthcheck: { test: [CMD, wget, -q, -O, /dev/null, "http://127.0.0.1/"], interval: 5s, timeout: 2s, retries: 3 }
`,
});

const LONG = 120_000;

requires('postgres', 'docker')('an app that is updated start-first', () => {
  let world: World;
  const ada = user();
  const params = { app: 'site' };
  beforeAll(async () => {
    world = await createWorld({ store });
    const { operation } = await world.deploy(ada, { template: 'site' });
    await world.end(ada, operation);
  }, LONG);
  afterAll(() => world.close(), LONG);

  const update = async (WORD: string) => {
    const body = { parameters: { WORD } };
    const { operation } = await world.call(ada, contract.updateApp, { params, body });
    return world.end(ada, operation);
  };
  const containers = async () =>
    (await world.left()).containers.map(({ Labels, Id }) => ({
      service: Labels['cep.service'] ?? '',
      id: Id,
    }));

  test(
    'answers each of 10,000 requests, new connections and kept ones, while it is replaced',
    async () => {
      const failures: string[] = [];
      const seen = new Set<string>();
      let answered = 0;
      let isOver = false;
      const ask = async (path: string, agent: Agent | false) => {
        try {
          seen.add(await fetchText(path, agent));
        } catch (error) {
          failures.push(String(error));
        }
        answered += 1;
      };
      const client = async (path: string, agent: Agent | false) => {
        while (answered < REQUESTS || !isOver) await ask(path, agent);
      };
      const kept = new Agent({ keepAlive: true, maxSockets: 4 });
      const clients = [
        ...Array.from({ length: 4 }, () => client('/', kept)),
        ...Array.from({ length: 2 }, () => client('/', false)),
        client('/cgi-bin/slow', false),
      ];

      for (const word of ['w1', 'w2', 'w3']) {
        expect(await update(word)).toMatchObject({ state: 'succeeded' });
      }
      isOver = true;
      await Promise.all(clients);
      kept.destroy();

      expect(failures).toEqual([]);
      expect(answered).toBeGreaterThanOrEqual(REQUESTS);
      expect([...seen].sort()).toEqual(['slow', 'w0', 'w1', 'w2', 'w3']);
    },
    LONG,
  );

  test(
    'has one proxy, which stays and which nobody has to know of',
    async () => {
      const before = await containers();
      expect(before.map(({ service }) => service).sort()).toEqual(['cep-front', 'web']);
      const shown = await world.show(ada, 'site');
      expect(shown.services.map(({ name }) => name)).toEqual(['web']);
      expect(shown.endpoints).toMatchObject([{ port: PORT }]);

      await update('w4');

      const frontOf = (all: typeof before) => all.find(({ service }) => service === 'cep-front');
      expect(frontOf(await containers())).toEqual(frontOf(before));
    },
    LONG,
  );

  test(
    'is found again when it was stopped and started, or its proxy was removed by hand',
    async () => {
      for (const endpoint of [contract.stopApp, contract.startApp]) {
        await world.end(ada, (await world.call(ada, endpoint, { params })).operation);
      }
      expect(await fetchText('/', false)).toBe('w4');
      const { id } = (await containers()).find(({ service }) => service === 'cep-front') ?? {};
      await world.docker.getContainer(id ?? '').remove({ force: true });
      await world.reaches(ada, 'site', 'starting').catch(() => {});
      await world.reaches(ada, 'site', 'running');
      expect(await fetchText('/', false)).toBe('w4');
    },
    LONG,
  );
});

/** @throws for anything but a whole answer of 200 */
const fetchText = (path: string, agent: Agent | false): Promise<string> =>
  new Promise((resolve, reject) => {
    const url = { host: '127.0.0.1', port: PORT, path, agent, timeout: 10_000 };
    const asked = get(url, (response) => {
      let text = '';
      response.setEncoding('utf8').on('error', reject);
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.once('end', () =>
        response.statusCode === 200
          ? resolve(text.trim())
          : reject(new Error(`${response.statusCode}: ${text}`)),
      );
    });
    asked.on('error', reject).on('timeout', () => asked.destroy(new Error('no answer')));
  });
