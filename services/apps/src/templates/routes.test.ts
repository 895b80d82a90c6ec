import { generateKeyPairSync } from 'node:crypto';
import type { Caller } from '@cep/contracts/caller';
import { getTemplate, listStores, listTemplates } from '@cep/contracts/templates';
import { serviceApp } from '@cep/http/app';
import { createClient } from '@cep/http/client';
import { type Listening, listen } from '@cep/http/listen';
import { callerSigner } from '@cep/http/sign-caller';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadBuiltinStore } from './builtin-store.ts';
import { templateRoutes } from './routes.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const sign = callerSigner(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
const alice: Caller = {
  kind: 'user',
  userId: 'a',
  username: 'alice',
  role: 'user',
  projectId: 'p',
  projectName: 'home',
  tokenId: 't',
};

let server: Listening;
beforeAll(async () => {
  const app = serviceApp({
    name: 'apps',
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    routers: [templateRoutes(await loadBuiltinStore())],
    health: async () => ({ status: 'ok', parts: {} }),
    log: { info() {}, warn() {}, error() {} },
  });
  server = await listen(app, { host: '127.0.0.1', port: 0 });
});
afterAll(() => server.close());

const client = async () => createClient({ url: server.url, token: await sign(alice, 'apps') });
const show = async (app: string, store = 'cep') =>
  (await client()).call(getTemplate, { params: { store, app } });

test('the one store there is, is listed', async () => {
  expect(await (await client()).call(listStores, {})).toEqual({
    stores: [{ name: 'cep', kind: 'builtin', templates: 30 }],
  });
});

test('its templates are listed', async () => {
  const { templates } = await (await client()).call(listTemplates, { params: { store: 'cep' } });

  expect(templates).toHaveLength(30);
  expect(templates).toContainEqual({
    store: 'cep',
    id: 'redis',
    name: 'Redis',
    version: '7',
    summary: 'Key-value store in memory, kept on disk',
    categories: ['databases'],
  });
});

test('one is shown with what can be set and what it offers', async () => {
  expect(await show('postgres')).toMatchObject({
    id: 'postgres',
    website: 'https://www.postgresql.org',
    parameters: [
      { name: 'DATABASE', default: 'app', generated: false, sensitive: false },
      { name: 'USERNAME' },
      { name: 'PASSWORD', default: null, generated: true, sensitive: true },
      { name: 'PORT', type: 'port', required: false },
    ],
    services: [{ name: 'postgres', image: 'postgres:17' }],
    endpoints: [{ name: 'postgres', service: 'postgres', port: 5432, protocol: 'postgresql' }],
    volumes: ['data'],
  });
});

test('what is not there is not found, and the reply says what is', async () => {
  await expect(show('solitaire')).rejects.toMatchObject({
    code: 'not-found',
    message: expect.stringContaining('mongo, mosquitto, navidrome'),
  });
  await expect(show('redis', 'other')).rejects.toMatchObject({
    code: 'not-found',
    message: expect.stringContaining('"cep"'),
  });
});

test.each(['..%2F..%2Fredis', '..', 'redis%2F..%2Fnginx', '%2Fetc%2Fpasswd', 'Redis', 'redis%00'])(
  'a name with a path in it, %s, is refused',
  async (name) => {
    const headers = { authorization: `Bearer ${await sign(alice, 'apps')}` };
    const url = new URL(`/v1/stores/cep/apps/${name}`, server.url);
    const { status } = await fetch(url, { headers });

    // A bare ".." never leaves the client: it asks for the path above, which nobody serves.
    expect(status).toBe(name === '..' ? 404 : 400);
  },
);
