import { once } from 'node:events';
import { watchOperation } from '@cep/contracts/operations';
import { createClient } from '@cep/http/client';
import { serveEvents } from '@cep/http/serve';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Router } from 'express';
import { ask, send } from './ask.fixture.ts';
import { startRaw, startService, startTestGateway, TOKEN } from './gateway.fixture.ts';

const OPERATION = '00000000-0000-4000-8000-000000000001';
const EVENTS = `/v1/operations/${OPERATION}/events`;

type Gateway = Awaited<ReturnType<typeof startTestGateway>>;

let gateway: Gateway;
afterEach(() => gateway.stop());

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
