import { once } from 'node:events';
import { connect } from 'node:tls';
import { enrolHost } from '@cep/contracts/hosts';
import { Problem } from '@cep/contracts/problems';
import { serve } from '@cep/http/serve';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Router } from 'express';
import { ask } from './ask.fixture.ts';
import {
  HOST_TOKEN,
  mirror,
  networkRouter,
  type Seen,
  startService,
  startTestGateway,
  TOKEN,
} from './gateway.fixture.ts';

const ENROL = '/v1/networks/home/hosts/laptop/enrol';

type Gateway = Awaited<ReturnType<typeof startTestGateway>>;

let gateway: Gateway;
afterEach(() => gateway.stop());

describe('a request', () => {
  beforeEach(async () => {
    const router = () => Router().use(mirror);
    gateway = await startTestGateway({
      apps: await startService('apps', router()),
      network: await startService('network', networkRouter()),
    });
  });

  test('reaches the service that owns its noun, in the name of who holds the token', async () => {
    const { status, body, headers } = await ask(gateway, '/v1/apps', {
      method: 'POST',
      token: TOKEN,
      body: '{"template":"redis"}',
    });

    const seen = body as unknown as Seen;
    expect(status).toBe(200);
    expect(seen.caller).toMatchObject({ kind: 'user', username: 'alice', projectName: 'home' });
    expect(seen.body).toEqual({ template: 'redis' });
    expect(seen.headers['x-request-id']).toBe(headers['x-request-id']);
    expect(JSON.stringify(seen)).not.toContain(TOKEN);
  });

  test('without a credential is made by nobody, from the address of its socket', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.1', forwarded: 'for=203.0.113.1' };
    const { body } = await ask(gateway, ENROL, { method: 'POST', headers, body: '{}' });

    expect(body.caller).toEqual({ kind: 'anonymous', address: '127.0.0.1' });
  });

  test('of a host is made by that host, and only where hosts may ask', async () => {
    const report = '/v1/networks/home/hosts/laptop/report';
    const put = (token: string) => ask(gateway, report, { method: 'PUT', token, body: '{}' });

    const { body } = await put(HOST_TOKEN);
    expect(body.caller).toMatchObject({ kind: 'host', network: 'home', host: 'laptop' });
    for (const [path, token, code] of [
      ['/v1/apps', HOST_TOKEN, 'forbidden'],
      ['/v1/networks', HOST_TOKEN, 'forbidden'],
      [report, 'header.of-nobody.signature', 'not-signed-in'],
      [report, 'header.of-thief.signature', 'host-revoked'],
    ] as const) {
      const reply = path === report ? await put(token) : await ask(gateway, path, { token });
      expect(reply.body.type).toBe(`urn:cep:problem:${code}`);
    }
  });

  test('cannot say by its headers who it is or what it is part of', async () => {
    const forged = {
      'x-forwarded-for': 'forged',
      'x-real-ip': 'forged',
      'x-request-id': 'forged',
      'x-caller': 'forged',
      cookie: 'forged=1',
      te: 'trailers, forged',
      'cep-project': 'home',
    };
    const { body } = await ask(gateway, '/v1/apps', { token: TOKEN, headers: forged });

    expect(JSON.stringify(body.headers)).not.toContain('forged');
  });

  test.each([
    ['a wrong token', { token: 'cep_wrong' }, 401, 'not-signed-in'],
    ['a token of another kind', { headers: { authorization: 'Basic eDp5' } }, 401, 'not-signed-in'],
    ['a project of others', { token: TOKEN, headers: { 'cep-project': 'x' } }, 403, 'forbidden'],
  ])('with %s is refused', async (_, asked, status, code) => {
    const reply = await ask(gateway, '/v1/apps', asked);

    expect(reply).toMatchObject({ status, body: { type: `urn:cep:problem:${code}` } });
    expect(reply.body.requestId).toBe(reply.headers['x-request-id']);
    expect(reply.headers['www-authenticate']).toBe(status === 401 ? 'Bearer' : undefined);
  });

  test.each([
    ['POST', '/v1/authentications'],
    ['POST', '/v1/authentications/'],
    ['POST', '/v1/Authentications'],
    ['POST', '/v1/%61uthentications'],
    ['POST', '//v1/authentications'],
    ['POST', '/v1/apps/../authentications'],
    ['GET', '/v2/apps'],
    ['PUT', '/v1/apps'],
  ])('to %s %s, which is not for the outside, is not forwarded', async (method, path) => {
    const reply = await ask(gateway, path, { method, token: TOKEN, body: `{"secret":"${TOKEN}"}` });

    expect(reply).toMatchObject({ status: 404, body: { type: 'urn:cep:problem:not-found' } });
  });

  test.each([
    ['declared', `{"x":"${'x'.repeat(2 ** 20)}"}`],
    ['sent in chunks', Array.from({ length: 20 }, () => 'x'.repeat(2 ** 16))],
  ])('that is too large, as it is %s, is refused', async (_, body) => {
    const reply = await ask(gateway, '/v1/apps', { method: 'POST', token: TOKEN, body });

    expect(reply).toMatchObject({
      status: 413,
      body: { type: 'urn:cep:problem:payload-too-large' },
    });
  });

  test('in chunks arrives whole', async () => {
    const body = ['{"temp', 'late":', '"redis"}'];
    const reply = await ask(gateway, '/v1/apps', { method: 'POST', token: TOKEN, body });

    expect(reply.body.body).toEqual({ template: 'redis' });
  });

  test.each([
    ['headers that are too large', { 'x-large': 'x'.repeat(20_000) }, '/v1/apps', 413],
    ['an address that is too large', {}, `/v1/apps?x=${'x'.repeat(20_000)}`, 413],
  ])('with %s is refused', async (_, headers, path, status) => {
    expect(await ask(gateway, path, { headers })).toMatchObject({ status, body: { status } });
  });

  test.each([
    ['bytes that are not HTTP', 'hello\r\n\r\n'],
    ['two lengths', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n'],
    ['no host', 'GET / HTTP/1.1\r\n\r\n'],
  ])('of %s is answered with 400', async (_, bytes) => {
    const socket = connect({ port: Number(gateway.url.port), ca: gateway.certificate });
    socket.end(bytes);

    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 400 /);
    socket.destroy();
  });
});

test('who asks too much is told when to ask again', async () => {
  gateway = await startTestGateway({
    apps: await startService('apps', Router().use(mirror)),
    requestsPerMinute: 5,
  });
  const statuses: unknown[] = [];
  for (let n = 0; n < 6; n++)
    statuses.push((await ask(gateway, '/v1/apps', { token: TOKEN })).status);

  const refused = await ask(gateway, '/v1/apps', { token: TOKEN });

  expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
  expect(refused.body.type).toBe('urn:cep:problem:too-many-requests');
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
});

test('whoever guesses tokens is refused before accounts is asked', async () => {
  gateway = await startTestGateway({ requestsPerMinute: 1_200 });
  const guess = async () => (await ask(gateway, '/v1/apps', { token: 'cep_guess' })).status;
  const statuses = [];
  for (let n = 0; n < 32; n++) statuses.push(await guess());

  expect(statuses.filter((status) => status === 401)).toHaveLength(30);
  expect(statuses.at(-1)).toBe(429);
});

test('whoever guesses codes is refused before anybody is asked; who has right ones is not', async () => {
  const network = Router();
  serve(network, enrolHost, async ({ body: { code } }) => {
    if (code !== 'right') throw new Problem('enrolment-refused', 'The code is not good.');
    return { bundle: '', bundleKey: '' };
  });
  gateway = await startTestGateway({
    network: await startService('network', network),
    requestsPerMinute: 1_200,
  });
  const keys = { tunnelKey: 'A'.repeat(43), signingKey: 'A'.repeat(43) };
  const enrol = async (code: string) => {
    const body = JSON.stringify({ code, ...keys });
    return ask(gateway, ENROL, { method: 'POST', body });
  };
  for (let n = 0; n < 70; n++) expect((await enrol('right')).status).toBe(201);
  const statuses = [];
  for (let n = 0; n < 32; n++) statuses.push((await enrol('wrong')).status);

  expect(statuses.filter((status) => status === 403)).toHaveLength(31);
  const refused = await enrol('right');
  expect(refused.status).toBe(429);
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
});

test('the log has a line for each request, and no secret', async () => {
  const lines: Array<Record<string, unknown>> = [];
  const log = { info: (_: string, f = {}) => void lines.push(f), warn() {}, error() {} };
  gateway = await startTestGateway({ apps: await startService('apps', Router().use(mirror)), log });

  const { headers } = await ask(gateway, '/v1/apps/web?secrets=hush', { token: TOKEN });
  await ask(gateway, '/v1/apps/web', { token: 'cep_wrong' });
  await ask(gateway, '/v1/apps/web', { token: TOKEN, headers: { 'cep-project': 'others' } });

  expect(lines[0]).toMatchObject({
    method: 'GET',
    route: '/v1/apps/:app',
    status: 200,
    ms: expect.any(Number),
    requestId: headers['x-request-id'],
    userId: '00000000-0000-4000-8000-00000000000a',
  });
  expect(lines[0]).not.toMatchObject({ supervised: expect.anything() });
  expect(lines[2]).toMatchObject({ route: '/v1/apps/:app', supervised: 'others' });
  expect(lines).toHaveLength(3);
  expect(JSON.stringify(lines)).not.toMatch(/cep_|hush/);
});

test('health tells which service does not answer', async () => {
  gateway = await startTestGateway({ apps: await startService('apps', Router()) });

  const { status, body } = await ask(gateway, '/health');

  expect(status).toBe(503);
  expect(body).toMatchObject({
    status: 'degraded',
    services: {
      accounts: { status: 'ok' },
      apps: { status: 'ok' },
      network: { status: 'degraded' },
    },
  });
});
