import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { listAllApps } from '@cep/contracts/all-apps';
import { api } from '@cep/contracts/api';
import { deployApp, destroyApp, getApp, listApps } from '@cep/contracts/apps';
import type { Endpoint } from '@cep/contracts/endpoint';
import { createHost, enrolHost, listHosts } from '@cep/contracts/hosts';
import { createNetwork, listNetworks } from '@cep/contracts/networks';
import { createToken, revokeToken, signIn } from '@cep/contracts/users';
import type { RunningGateway } from '@cep/gateway/service';
import { createClient } from '@cep/http/client';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PASSWORD, startEverything } from './everything.fixture.ts';

/** What is ada's is called by words that nobody else says, so that a leak of them is seen. */
const ADAS = { network: 'xanadu', host: 'zanzibar', app: 'quixote', token: 'yellow' };
/** What eve has, and her project. */
const EVES = { app: 'rosebud', project: 'eves' };
const TEMPLATE = 'redis';
/** Parameters of a path that take an id. */
const IDS = ['operation', 'execution'];
/** What is the installation's, for administrators alone. */
const OF_INSTALLATION =
  /^\w+ \/v1\/(engines|backup-targets)\/|^(put|delete) \/v1\/pools\/:pool$|^(put|patch|delete) \/v1\/stores\//;
/** There is none here, and that is what they say. */
const NEEDS_ENGINE = ['watchHappenings'];
const KEYS = { tunnelKey: `${'A'.repeat(42)}E`, signingKey: `${'A'.repeat(42)}E` };

type Who = 'ada' | 'eve' | 'revoked' | 'anonymous';

requires('postgres')('what belongs to one person', () => {
  const parts = new AsyncDisposableStack();
  const tokens: Partial<Record<Who, string>> = {};
  let gateway: RunningGateway;
  let errors: unknown[];
  let operation = '';
  let secrets: string[] = [];

  const as = (who: Who, project?: string) =>
    createClient({
      url: gateway.url,
      pinned: gateway.certificate,
      ...(tokens[who] && { token: tokens[who] }),
      ...(project && { project }),
    });

  beforeAll(async () => {
    ({ gateway, errors } = await startEverything(parts));
    const enter = async (username: string) =>
      (await as('anonymous').call(signIn, { body: { username, password: PASSWORD } })).secret;
    tokens.ada = await enter('admin');
    tokens.eve = await enter('eve');
    const gone = await as('ada').call(createToken, { body: { name: 'gone' } });
    tokens.revoked = gone.secret;
    await as('ada').call(revokeToken, { params: { token: 'gone' } });

    const { network, host, app } = ADAS;
    await as('ada').call(createNetwork, { body: { name: network } });
    const { enrolment } = await as('ada').call(createHost, {
      params: { network },
      body: { name: host, lighthouse: true, publicAddress: '203.0.113.7', groups: [] },
    });
    const parameters = { PASSWORD: 'do-not-tell-anybody' };
    const deployed = await as('ada').call(deployApp, {
      body: { template: TEMPLATE, name: app, parameters },
    });
    operation = deployed.operation.id;
    await as('eve').call(deployApp, {
      body: { template: TEMPLATE, name: EVES.app, parameters: {} },
    });
    const { secret } = await as('ada').call(createToken, { body: { name: ADAS.token } });
    secrets = [
      ...[enrolment.code, parameters.PASSWORD, secret, deployed.app.id],
      ...['203.0.113.7', 'PRIVATE', deployed.app.endpoints[0]?.url ?? 'none'],
    ];
  });
  afterAll(() => parts.disposeAsync());

  /** The path of an endpoint, naming what is ada's. */
  const pathOf = ({ path }: Endpoint): string =>
    path.replace(/:(\w+)/g, (_, name) =>
      path.startsWith('/v1/stores') ? 'elsewhere' : IDS.includes(name) ? operation : named(name),
    );
  const named = (name: string) => ADAS[name as keyof typeof ADAS] ?? `no-${name}`;

  /** A body that its contract takes, for those that need one. */
  const bodies: Readonly<Record<string, object>> = {
    createNetwork: { name: 'eves-own' },
    createHost: { name: 'intruder' },
    enrolHost: { code: 'X', ...KEYS },
    addBackupTarget: { name: 'eves-own', location: '/srv/backups' },
    setBackupSchedule: { everyHours: 24 },
    putEngine: { url: 'https://192.0.2.9', ca: 'CA', certificate: 'CERTIFICATE', key: 'KEY' },
    putPool: { path: '/srv/eves-own' },
    addStore: { name: 'eves-own', location: '/srv/store' },
    putTemplate: { compose: '{}' },
    changeTemplate: { enabled: false },
    deployApp: { template: TEMPLATE, network: ADAS.network },
    setPolicy: { rules: [] },
    execute: { command: ['true'] },
    addRecord: { name: 'web', type: 'A', value: '192.0.2.1' },
    explainPolicy: { from: 'host:one', to: 'host:two', packet: 'icmp' },
    signIn: { username: 'ada', password: 'a guess' },
    changePassword: { current: 'a guess', next: 'a new one that is long' },
    createToken: { name: 'eves-own' },
    authenticate: { secret: 'cep_guess' },
  };

  function ask(who: Who, name: string, headers: Record<string, string> = {}) {
    const endpoint = api[name] as Endpoint;
    const body = endpoint.body && JSON.stringify(bodies[name] ?? {});
    return send(who, endpoint.method.toUpperCase(), { path: pathOf(endpoint), body, headers });
  }

  interface Sent {
    readonly path: string;
    readonly body?: string | undefined;
    readonly headers?: Readonly<Record<string, string>>;
  }

  async function send(who: Who, method: string, { path, body, headers }: Sent) {
    const token = tokens[who];
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request(gateway.url, {
        ...{ ca: gateway.certificate, servername: 'localhost', agent: false },
        ...{ method, path },
        headers: {
          ...(token && { authorization: `Bearer ${token}` }),
          ...(body && { 'content-type': 'application/json' }),
          ...headers,
        },
      });
      sent.on('error', reject).on('response', resolve).end(body);
    });
    return { status: response.statusCode ?? 0, text: await text(response) };
  }

  const all = Object.keys(api);
  const needsUser = all.filter((name) => (api[name]?.access ?? 'user') === 'user');
  const ofInstallation = needsUser.filter((name) =>
    OF_INSTALLATION.test(`${api[name]?.method} ${api[name]?.path}`),
  );
  const ofThings = needsUser.filter(
    (name) => /:(?!store)/.test(api[name]?.path ?? '') && !ofInstallation.includes(name),
  );
  const ofNobody = needsUser.filter((name) => ![...ofThings, ...ofInstallation].includes(name));

  /** Neither secrets, nor names that the asker did not say. */
  function expectNoLeak(answer: string, name: string): void {
    const said = `${pathOf(api[name] as Endpoint)}${JSON.stringify(bodies[name] ?? {})}`;
    const words = [...Object.values(ADAS), ...secrets].filter((word) => !said.includes(word));
    for (const word of words) expect(answer).not.toContain(word);
    expect(answer).not.toMatch(/\bat .*\.ts:\d|node_modules|select |insert /);
  }

  describe.each(needsUser)('%s', (name) => {
    test.each<Who>(['anonymous', 'revoked'])('is refused to the %s', async (who) => {
      const answer = await ask(who, name);

      expect([name, answer.status]).toEqual([name, 401]);
      expectNoLeak(answer.text, name);
    });

    test('is refused in a project that is not theirs, whether it exists or not', async () => {
      const [real, invented] = [
        await ask('eve', name, { 'cep-project': 'home' }),
        await ask('eve', name, { 'cep-project': 'hame' }),
      ];

      expect([real.status, invented.status]).toEqual([403, 403]);
      expectNoLeak(real.text, name);
      const shape = ({ text: answer }: typeof real) =>
        answer.replace(/"requestId":"[^"]*"/, '').replaceAll('home', 'hame');
      expect(shape(real)).toBe(shape(invented));
    });
  });

  test.each(ofThings)('%s finds nothing of it for somebody else', async (name) => {
    const answer = await ask('eve', name);

    expect([name, answer.status]).toEqual([name, 404]);
    expectNoLeak(answer.text, name);
  });

  test.each(ofThings.filter((name) => api[name]?.path.startsWith('/v1/apps/:app')))(
    '%s says the same of an app of somebody else and of one that is not there',
    async (name) => {
      const { method, path, body } = api[name] as Endpoint;
      const refusal = async (app: string) => {
        const { status, text: answer } = await send('eve', method.toUpperCase(), {
          path: path.replace(':app', app),
          body: body && JSON.stringify(bodies[name] ?? {}),
        });
        return `${status} ${answer.replace(/"requestId":"[^"]*"/, '').replaceAll(app, 'X')}`;
      };

      expect(await refusal(ADAS.app)).toBe(await refusal('nobodys'));
    },
  );

  test.each(needsUser)(
    '%s is for administrators in a project of others if it looks after apps, and not else',
    async (name) => {
      const { status } = await ask('ada', name, { 'cep-project': EVES.project });

      const supervised = api[name]?.path.includes('/:') ? 404 : 200;
      expect([name, status]).toEqual([name, api[name]?.supervised ? supervised : 403]);
    },
  );

  test('an app of somebody else is an administrator’s to look after, where they name its project', async () => {
    const input = { params: { app: EVES.app }, query: { secrets: false } };
    const there = as('ada', EVES.project);

    const { apps } = await as('ada').call(listAllApps, { query: { limit: 200 } });
    expect(apps.map(({ name, project }) => [name, project])).toEqual(
      expect.arrayContaining([[EVES.app, EVES.project]]),
    );
    await expect(as('ada').call(getApp, input)).rejects.toMatchObject({ code: 'not-found' });
    expect((await there.call(listApps, {})).apps).toMatchObject([{ name: EVES.app }]);
    expect(await there.call(getApp, input)).toMatchObject({ name: EVES.app });
    await expect(there.call(getApp, { ...input, query: { secrets: true } })).rejects.toMatchObject({
      code: 'forbidden',
    });
    await there.call(destroyApp, { ...input, query: { volumes: false } });
    expect(await there.call(getApp, input)).toMatchObject({ state: 'destroying' });
    await expect(as('eve').call(listAllApps, { query: { limit: 1 } })).rejects.toMatchObject({
      code: 'forbidden',
    });
  });

  test.each(ofInstallation)('%s is for administrators', async (name) => {
    const answer = await ask('eve', name);

    expect([name, answer.status]).toEqual([name, 403]);
    expectNoLeak(answer.text, name);
  });

  test.each(ofNobody)('%s tells somebody else nothing of it', async (name) => {
    // A credential of its own, as one of these ends the one that it is asked with.
    const { secret } = await as('anonymous').call(signIn, {
      body: { username: 'eve', password: PASSWORD },
    });
    tokens.eve = secret;

    const answer = await ask('eve', name);

    if (NEEDS_ENGINE.includes(name)) expect(answer.status).toBe(503);
    else expect(answer.status).toBeLessThan(500);
    expectNoLeak(answer.text, name);
  });

  test('what only the gateway may ask is not there for anybody', async () => {
    const inner = all.filter((name) => api[name]?.access === 'gateway');

    expect(inner).toEqual(['authenticateHost', 'authenticate']);
    for (const name of inner)
      for (const who of ['ada', 'eve', 'anonymous'] as const)
        expect((await ask(who, name)).status).toBe(404);
  });

  test('names are refused alike, whether somebody else has them or not', async () => {
    const enrol = (network: string, host: string) =>
      as('anonymous')
        .call(enrolHost, { params: { network, host }, body: { code: 'X', ...KEYS } })
        .catch((error) => error);
    const { code, message } = await enrol(ADAS.network, ADAS.host);

    expect(code).toBe('enrolment-refused');
    expect(await enrol(ADAS.network, 'nobody')).toMatchObject({ code, message });
    expect(await enrol('nowhere', ADAS.host)).toMatchObject({ code, message });
  });

  test('nothing of it changed, and nothing was taken for a fault of ours', async () => {
    const { networks } = await as('ada').call(listNetworks, {});
    const { hosts } = await as('ada').call(listHosts, { params: { network: ADAS.network } });

    expect(networks.map(({ name }) => name)).toEqual([ADAS.network]);
    expect(hosts.map(({ name, state }) => [name, state])).toEqual([[ADAS.host, 'reserved']]);
    expect(errors).toEqual([]);
  });

  test.each([
    ['an id that is none to a database', `/v1/operations/urn:uuid:${randomUUID()}`],
    ['a name with a NUL', '/v1/apps/%00'],
    ['a name that is not UTF-8', '/v1/apps/%ff'],
    ['a path that climbs', '/v1/apps/..%2f..%2fnetworks'],
  ])('%s is the asker’s mistake', async (_what, path) => {
    expect((await send('ada', 'GET', { path })).status).toBe(400);
  });

  test('a username with a NUL is the asker’s mistake', async () => {
    const body = { username: 'ad\0a', password: 'a guess' };

    await expect(as('anonymous').call(signIn, { body })).rejects.toMatchObject({
      code: 'invalid-request',
    });
  });
});
