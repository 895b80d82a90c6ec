import { generateKeyPairSync } from 'node:crypto';
import type { Caller, UserCaller } from '@cep/contracts/caller';
import { endpoint } from '@cep/contracts/endpoint';
import { Problem } from '@cep/contracts/problems';
import { closed, DnsLabel, Type } from '@cep/contracts/schema';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Router } from 'express';
import { serviceApp } from './app.ts';
import { createClient } from './client.ts';
import { WrittenJson } from './events.ts';
import { type Listening, listen } from './listen.ts';
import { serve, serveEvents } from './serve.ts';
import { callerSigner } from './sign-caller.ts';

const createPet = endpoint({
  method: 'post',
  path: '/v1/owners/:owner/pets',
  summary: 'Create a pet',
  status: 201,
  params: closed({ owner: DnsLabel }),
  query: closed({ loud: Type.Boolean({ default: false }) }),
  body: closed({ name: DnsLabel, tags: Type.Array(DnsLabel, { default: [] }) }),
  reply: Type.Object({ owner: DnsLabel, name: DnsLabel, loud: Type.Boolean() }),
});
const openDoor = endpoint({
  method: 'delete',
  path: '/v1/doors/:door',
  summary: 'Open a door',
  status: 204,
  access: 'anyone',
  params: closed({ door: DnsLabel }),
});
const watchPets = endpoint({
  method: 'get',
  path: '/v1/pets/events',
  summary: 'Watch pets',
  status: 200,
  query: closed({ fail: Type.Boolean({ default: false }) }),
  events: Type.Object({ name: Type.String() }),
});

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const pem = {
  private: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  public: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
};
const sign = callerSigner(pem.private);
const alice: UserCaller = {
  kind: 'user',
  userId: 'a',
  username: 'alice',
  role: 'user',
  projectId: 'p',
  projectName: 'home',
  tokenId: 't',
};
const quiet = { info() {}, warn() {}, error() {} };

let server: Listening;
beforeAll(async () => {
  const router = Router();
  serve(router, createPet, async ({ params, query, body }) => {
    if (body.name === 'rex') throw new Problem('name-taken', 'There is already a pet "rex".');
    if (body.name === 'bug') throw new Error('secret detail');
    return { owner: params.owner, name: body.name, loud: query.loud };
  });
  serve(router, openDoor, async () => undefined);
  serveEvents(router, watchPets, async ({ query }) => pets(query.fail));
  const app = serviceApp({
    name: 'pets',
    publicKey: pem.public,
    routers: [router],
    health: async () => ({ status: 'ok', parts: {} }),
    log: quiet,
  });
  server = await listen(app, { host: '127.0.0.1', port: 0 });
});
afterAll(() => server.close());

async function* pets(fail: boolean) {
  yield { name: 'rex' };
  if (fail) throw new Problem('unavailable', 'The zoo closed.');
  yield new WrittenJson(['{"name":"', Buffer.from('tom'), '"}']);
}

const as = async (caller: Caller, audience = 'pets') =>
  createClient({ url: server.url, token: await sign(caller, audience) });

const create = async (name: string) =>
  (await as(alice)).call(createPet, {
    params: { owner: 'bob' },
    query: { loud: true },
    body: { name, tags: [] },
  });

describe('an endpoint', () => {
  test('is called as it is declared, from the client to the handler and back', async () => {
    expect(await create('tom')).toEqual({ owner: 'bob', name: 'tom', loud: true });
  });

  test.each([
    ['a body that is not JSON', '{', 'application/json', 'invalid-request', 'body is not JSON.'],
    ['a misspelt member', '{"nmae":"tom"}', 'application/json', 'invalid-request', 'nmae'],
    ['a wrong value', '{"name":"Tom!"}', 'application/json', 'invalid-request', '/name'],
    ['no body', '', 'application/json', 'invalid-request', "'name'"],
    ['another type', 'name=tom', 'application/x-www-form-urlencoded', 'unsupported-media-type', ''],
    ['too much', `{"name":"${'x'.repeat(2 ** 21)}"}`, 'application/json', 'payload-too-large', ''],
  ])('refuses %s and names it', async (_, body, type, code, word) => {
    const token = await sign(alice, 'pets');
    const response = await fetch(new URL('/v1/owners/bob/pets', server.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': type },
      body,
    });

    expect(response.headers.get('content-type')).toContain('application/problem+json');
    const document = (await response.json()) as { type: string; detail: string };
    expect(document).toMatchObject({ type: `urn:cep:problem:${code}` });
    expect(document.detail).toContain(word);
  });

  test.each([
    ['an undeclared query', '/v1/owners/bob/pets?quiet=1', 400],
    ['a broken escape', '/v1/owners/%zz/pets', 400],
    ['an unknown path', '/v1/nothing', 404],
  ])('refuses %s', async (_, path, status) => {
    const headers = { authorization: `Bearer ${await sign(alice, 'pets')}` };
    const response = await fetch(new URL(path, server.url), { method: 'POST', headers });

    expect(response.status).toBe(status);
  });

  test('hands the problem that was thrown to the client, and hides any other error', async () => {
    await expect(create('rex')).rejects.toMatchObject({ code: 'name-taken' });
    await expect(create('bug')).rejects.toMatchObject({
      code: 'internal',
      message: expect.not.stringContaining('secret'),
    });
  });

  test('is for users unless it says otherwise', async () => {
    const stranger = await as({ kind: 'anonymous', address: '203.0.113.9' });

    await stranger.call(openDoor, { params: { door: 'front' } });
    await expect(
      stranger.call(createPet, {
        params: { owner: 'bob' },
        query: { loud: false },
        body: { name: 'tom', tags: [] },
      }),
    ).rejects.toMatchObject({ code: 'not-signed-in' });
  });

  test.each([
    ['signed for another service', async () => sign(alice, 'accounts')],
    ['signed by another key', async () => callerSigner(strangersKey())(alice, 'pets')],
    ['absent', async () => ''],
  ])('refuses a caller whose token is %s', async (_, token) => {
    const client = createClient({ url: server.url, token: await token() });

    await expect(client.call(openDoor, { params: { door: 'front' } })).rejects.toMatchObject({
      code: 'not-signed-in',
    });
  });
});

const strangersKey = () =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

describe('a stream', () => {
  const watch = async (fail: boolean) => {
    const seen: unknown[] = [];
    const events = await (await as(alice)).stream(watchPets, { query: { fail } });
    for await (const event of events) seen.push(event);
    return seen;
  };

  test('arrives event by event', async () => {
    expect(await watch(false)).toEqual([{ name: 'rex' }, { name: 'tom' }]);
  });

  test('ends with the problem that ended it', async () => {
    await expect(watch(true)).rejects.toMatchObject({ code: 'unavailable' });
  });
});

test('a server that is not there is a problem that says so', async () => {
  const client = createClient({ url: new URL('http://127.0.0.1:9') });

  await expect(client.call(openDoor, { params: { door: 'front' } })).rejects.toMatchObject({
    code: 'unavailable',
  });
});
