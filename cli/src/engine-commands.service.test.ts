import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Input } from '@cep/contracts/endpoint';
import { type Engine, listEngines, putEngine, shareEngine } from '@cep/contracts/engines';
import { listPools } from '@cep/contracts/pools';
import { Problem } from '@cep/contracts/problems';
import { listVolumes, type Volume } from '@cep/contracts/volumes';
import { serve } from '@cep/http/serve';
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { makeMachine } from './machine.fixture.ts';
import { type FixtureServer, startServer } from './server.fixture.ts';

jest.setTimeout(60_000);

const at = new Date(0).toISOString();
const barn: Engine = {
  ...{ name: 'barn', url: 'https://10.42.0.7:2376', addresses: ['10.42.0.7'], apps: 2 },
  ...{ everyone: false, projects: [] },
  ...{ state: 'lost' as const, since: at, why: 'it does not answer' },
  ...{
    version: null,
    platform: 'linux/arm64',
    unlimited: [],
    certificateExpiresAt: at,
    addedAt: at,
  },
};
const volume: Volume = {
  ...{ name: 'cep-wiki-data', pool: 'default', app: 'wiki', volume: 'data', path: '/data' },
  ...{ state: 'used' as const, sizeBytes: null, leavesAt: null, createdAt: null },
  releasedAt: null,
};

let server: FixtureServer;
let machine: ReturnType<typeof makeMachine>;
let given: Input<typeof putEngine> | undefined;
let actedIn: string | undefined;
beforeAll(async () => {
  server = await startServer((router) => {
    router.use((request, _response, next) => {
      actedIn = request.get('cep-project');
      next();
    });
    router.get('/health', (_, response) => {
      response.json({ status: 'ok', version: '1', services: {} });
    });
    serve(router, putEngine, async (input) => {
      given = input;
      return barn;
    });
    serve(router, shareEngine, async ({ body }) => ({ ...barn, ...body }));
    serve(router, listEngines, async () => ({ engines: [barn] }));
    const own = { driver: 'local', path: null, isOwn: true, why: null, createdAt: at };
    const pool = { ...own, state: 'ready' as const };
    serve(router, listPools, async () => ({
      pools: [
        { ...pool, name: 'default', engine: 'local' },
        { ...pool, name: 'barn', engine: 'barn' },
      ],
    }));
    serve(router, listVolumes, async ({ params }) => {
      if (params.pool === 'barn') throw new Problem('unavailable', 'barn is not reached.');
      return { volumes: [volume] };
    });
  });
});
afterAll(async () => server[Symbol.asyncDispose]());
beforeEach(() => {
  machine = makeMachine();
  machine.signIn(server);
});
afterEach(() => machine[Symbol.dispose]());

const add = (...flags: string[]) =>
  machine.cep(['engine', 'add', 'barn', '--url', 'https://10.42.0.7', ...flags]);

test('an engine is added with what is in the files, and nothing of the key is printed', async () => {
  const [ca, cert, key] = ['ca', 'cert', 'key'].map((name) => {
    const path = join(machine.home, `${name}.pem`);
    writeFileSync(path, `text of ${name}`);
    return path;
  });
  const files = ['--ca', ca ?? '', '--cert', cert ?? '', '--key', key ?? ''];

  const { code, stdout } = await add(...files, '--address', '10.42.0.7', '--json');

  expect(code).toBe(0);
  expect(stdout).not.toContain('text of');
  expect(given).toMatchObject({
    params: { engine: 'barn' },
    body: {
      ...{ url: 'https://10.42.0.7', ca: 'text of ca', certificate: 'text of cert' },
      ...{ key: 'text of key', addresses: ['10.42.0.7'], replaced: false },
    },
  });
});

test('a file that is not there is named', async () => {
  const { code, stderr } = await add('--ca', '/nowhere', '--cert', 'x', '--key', 'y');

  expect(code).toBe(1);
  expect(stderr).toContain('cannot be read');
});

test('an engine is shared with those who are named, and nobody by accident', async () => {
  const share = (...flags: string[]) => machine.cep(['engine', 'share', 'barn', ...flags]);

  expect((await share('--project', 'ada', '--project', 'team')).stdout).toBe(
    'barn is open to administrators, and the projects ada, team.\n',
  );
  expect(actedIn).toBeUndefined();
  expect((await share('--everyone')).stdout).toBe('barn is open to every project.\n');
  expect((await share('--nobody')).stdout).toBe('barn is open to administrators.\n');
  expect(await share()).toMatchObject({ code: 4, stderr: expect.stringContaining('--everyone') });
});

test('an engine that is lost is told by the list and by the doctor', async () => {
  const [list, doctor] = await Promise.all([
    machine.cep(['engine', 'list']),
    machine.cep(['doctor', '--json']),
  ]);

  expect(list.stdout).toContain(`lost since ${at}: it does not answer`);
  const { findings } = JSON.parse(doctor.stdout) as { findings: { name: string }[] };
  expect(findings.find(({ name }) => name === 'engine barn')).toMatchObject({
    state: 'missing',
    next: expect.stringContaining('https://10.42.0.7:2376'),
  });
});

test('volumes of other engines are listed without one that is lost', async () => {
  const { code, stdout, stderr } = await machine.cep(['storage', 'volume', 'list']);

  expect({ code, stderr }).toEqual({ code: 0, stderr: 'Warning: barn is not reached.\n' });
  expect(stdout).toContain('cep-wiki-data');
});
