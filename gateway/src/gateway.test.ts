import { once } from 'node:events';
import { connect } from 'node:tls';
import { watchOperation } from '@cep/contracts/operations';
import { createClient } from '@cep/http/client';
import { serveEvents } from '@cep/http/serve';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Router } from 'express';
import { ask, send } from './ask.fixture.ts';
import {
  HOST_TOKEN,
  mirror,
  networkRouter,
  type Seen,
  startRaw,
  startService,
  startTestGateway,
  TOKEN,
} from './gateway.fixture.ts';

type Gateway = Awaited<ReturnType<typeof startTestGateway>>;

const OPERATION = '00000000-0000-4000-8000-000000000001';
const EVENTS = `/v1/operations/${OPERATION}/events`;
const ENROL = '/v1/networks/home/hosts/laptop/enrol';

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

describe('a stream', () => {
  let closed: Promise<unknown>;
  let go: () => void;

  beforeEach(async () => {
    const router = Router();
    const waits = new Promise<void>((resolve) => {
      go = resolve;
    });
    let noteClosed = (_: unknown) => {};
    closed = new Promise((resolve) => {
      noteClosed = resolve;
    });
    serveEvents(router, watchOperation, async (_input, _caller, signal) => {
      signal.addEventListener('abort', () => noteClosed('closed'));
      return (async function* () {
        yield { step: 'one' } as never;
        await Promise.race([waits, once(signal, 'abort')]);
        yield { step: 'two' } as never;
      })();
    });
    gateway = await startTestGateway({ apps: await startService('apps', router) });
  });

  test('arrives event by event, while it is being made', async () => {
    const pinned = gateway.certificate;
    const client = createClient({ url: gateway.url, token: TOKEN, pinned });
    const seen: unknown[] = [];

    const events = await client.stream(watchOperation, { params: { operation: OPERATION } });
    for await (const event of events) {
      seen.push(event);
      go();
    }

    expect(seen).toEqual([{ step: 'one' }, { step: 'two' }]);
  });

  test('is not there for who asks for its headers only', async () => {
    const heads = Array.from({ length: 3 }, () =>
      ask(gateway, EVENTS, { token: TOKEN, method: 'HEAD' }),
    );

    expect((await Promise.all(heads)).map(({ status }) => status)).toEqual([404, 404, 404]);
  });

  test('keeps its place until it ends, and nobody has more than so many', async () => {
    const stream = () => send(gateway, EVENTS, { token: TOKEN });
    const streams = await Promise.all(Array.from({ length: 64 }, stream));

    expect((await ask(gateway, EVENTS, { token: TOKEN })).status).toBe(429);
    streams[0]?.destroy();
    await closed;
    let another = await stream();
    while (another.statusCode === 429) another = await stream();
    expect(another.statusCode).toBe(200);
    for (const each of [another, ...streams]) each.destroy();
  });

  test('ends at the service when its reader goes away', async () => {
    const response = await send(gateway, EVENTS, { token: TOKEN });
    await once(response, 'data');

    response.destroy();

    expect(await closed).toBe('closed');
  });
});

describe('a service that fails', () => {
  test('before it answers is a problem', async () => {
    gateway = await startTestGateway({ apps: await startRaw((req) => req.socket.destroy()) });

    for (const path of ['/v1/apps', '/v1/networks']) {
      expect(await ask(gateway, path, { token: TOKEN })).toMatchObject({
        status: 503,
        body: { type: 'urn:cep:problem:unavailable', detail: expect.not.stringContaining('127.') },
      });
    }
  });

  test('in the middle of a stream cuts the stream off', async () => {
    const apps = await startRaw((_req, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.write('event: data\ndata: {}\n\n', () => res.destroy());
    });
    gateway = await startTestGateway({ apps });

    const client = createClient({ url: gateway.url, token: TOKEN, pinned: gateway.certificate });
    const read = async () => {
      const events = await client.stream(watchOperation, { params: { operation: OPERATION } });
      for await (const event of events) expect(event).toEqual({});
    };
    await expect(read()).rejects.toMatchObject({ code: 'unavailable' });
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

test('the log has a line for each request, and no secret', async () => {
  const lines: Array<Record<string, unknown>> = [];
  const log = { info: (_: string, f = {}) => void lines.push(f), warn() {}, error() {} };
  gateway = await startTestGateway({ apps: await startService('apps', Router().use(mirror)), log });

  const { headers } = await ask(gateway, '/v1/apps/web?secrets=hush', { token: TOKEN });
  await ask(gateway, '/v1/apps/web', { token: 'cep_wrong' });

  expect(lines[0]).toMatchObject({
    method: 'GET',
    route: '/v1/apps/:app',
    status: 200,
    ms: expect.any(Number),
    requestId: headers['x-request-id'],
    userId: '00000000-0000-4000-8000-00000000000a',
  });
  expect(lines).toHaveLength(2);
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
