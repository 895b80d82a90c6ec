/** With the real engine: what an app is told of itself is what its people are told. */
import { createServer } from 'node:net';
import { restartApp, rollbackApp, updateApp } from '@cep/contracts/apps';
import * as backups from '@cep/contracts/backups';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { storeOf, user, type World } from '../apps.fixture.ts';
import { createBackupWorld } from '../backups/backups.fixture.ts';
import { LABELS } from '../engine/labels.ts';
import { execIn } from '../exec.fixture.ts';

const REST = `[sh, -c, "trap 'exit 0' TERM; sleep 1000 & wait"]`;
const store = storeOf({
  site: `, parameters: [{name: TITLE, type: string, label: Title, default: none}, {name: FIRST, type: string, label: First title, default: "\${TITLE}", immutable: true}, {name: NOTES, type: file, label: Notes, default: "none\\n"}, {name: KEY, type: secret, label: Key, generate: {kind: ed25519}}], endpoints: [{name: web, service: web, port: 80, scheme: http, path: /start}], files: [{service: before, target: /etc/own.json, format: json, content: '{"url": "\${CEP_URL_WEB}"}'}, {service: before, target: /etc/notes, content: "\${NOTES}"}, {service: before, target: /etc/key.pub, content: "\${KEY_PUBLIC}"}]}
services:
  before:
    image: busybox:1
    command: ${REST}
    environment: { URL: "\${CEP_URL_WEB}", AT: "\${CEP_DOMAIN_WEB}", TITLE: "\${TITLE}", WHO: "\${CEP_UID}:\${CEP_GID}" }
    stop_grace_period: 0s
  web:
    image: busybox:1
    command: ${REST}
    ports: ["18180:80"]
    volumes: ["data:/data"]
    depends_on: [before]
    stop_grace_period: 0s
volumes: { data: }
`,
});
/** Looks like variables, ends in empty lines: is to arrive as it is. */
const NOTES = 'ü "$HOME" ${CEP_URL_WEB}\n\tend\n\n';
const LONG = 120_000;

requires('postgres', 'docker')('the address of an app', () => {
  let world: World;
  let close: () => Promise<void>;
  const ada = user();
  const stranger = createServer();
  beforeAll(async () => {
    await new Promise<void>((resolve) => stranger.listen(18_180, '127.0.0.1', resolve));
    ({ world, close } = await createBackupWorld({ store }));
  }, LONG);
  afterAll(async () => {
    await close();
    await new Promise((resolve) => stranger.close(resolve));
  }, LONG);

  /** @returns what the service that publishes nothing prints */
  const inBefore = async (app: string, script: string) => {
    const label = [`${LABELS.appName}=${app}`, `${LABELS.service}=before`];
    const [found] = await world.docker.listContainers({ filters: { label } });
    if (!found) throw new Error(`no container of ${app}`);
    return (await execIn(world.docker.getContainer(found.Id), ['sh', '-c', script])).printed;
  };
  const told = async (app: string) =>
    (await inBefore(app, 'echo "$URL $AT $WHO"; cat /etc/own.json')).trim();
  const toldOf = (port: number) =>
    `http://127.0.0.1:${port}/start 127.0.0.1:${port} 1000:1000\n{"url": "http://127.0.0.1:${port}/start"}`;
  const expectAt = async (app: string, port: number) => {
    const { endpoints } = await world.show(ada, app);
    expect(endpoints).toMatchObject([{ port, url: `http://127.0.0.1:${port}/start` }]);
    expect(await told(app)).toBe(toldOf(port));
  };

  test(
    'reaches all of its services, also when its port moves away from a stranger’s',
    async () => {
      const parameters = { NOTES };
      const { operation } = await world.deploy(ada, { template: 'site', parameters });

      expect(await world.end(ada, operation)).toMatchObject({ state: 'succeeded', failure: null });
      await expectAt('site', 18_181);
    },
    LONG,
  );

  test('comes with the file that was given, to the last byte, and the public half of a key', async () => {
    const { parameters } = await world.show(ada, 'site');

    expect(await inBefore('site', 'cat /etc/notes; echo .')).toBe(`${NOTES}.`);
    expect(parameters.KEY_PUBLIC).toMatch(/^-----BEGIN PUBLIC KEY-----/);
    expect(await inBefore('site', 'cat /etc/key.pub; echo .')).toBe(`${parameters.KEY_PUBLIC}.`);
    expect(parameters).not.toHaveProperty('KEY');
  });

  test(
    'stays through a restart, an update and a rollback',
    async () => {
      const params = { app: 'site' };
      const changes = [
        () => world.call(ada, restartApp, { params }),
        () => world.call(ada, updateApp, { params, body: { parameters: { TITLE: 'new' } } }),
        () => world.call(ada, rollbackApp, { params, body: {} }),
      ];
      for (const change of changes) {
        const { operation } = await change();
        expect(await world.end(ada, operation)).toMatchObject({ state: 'succeeded' });
        await expectAt('site', 18_181);
        // What counts at the first start stays, though its default has changed since.
        expect((await world.show(ada, 'site')).parameters.FIRST).toBe('none');
      }
    },
    LONG,
  );

  test(
    'is another one for an app that is restored beside it',
    async () => {
      const made = await world.call(ada, backups.createBackup, {
        params: { app: 'site' },
        body: {},
      });
      expect(await world.end(ada, made.operation)).toMatchObject({ state: 'succeeded' });
      const { operation } = await world.call(ada, backups.restoreBackup, {
        params: { backup: made.backup.id },
        body: { parameters: {}, as: 'copy' },
      });

      expect(await world.end(ada, operation)).toMatchObject({ state: 'succeeded' });
      await expectAt('copy', 18_182);
      await world.reaches(ada, 'site', 'running');
      await expectAt('site', 18_181);
    },
    LONG,
  );
});
