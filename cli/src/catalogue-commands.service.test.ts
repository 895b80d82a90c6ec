import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AppOfProject, listAllApps } from '@cep/contracts/all-apps';
import type { Input } from '@cep/contracts/endpoint';
import {
  addStore,
  changeTemplate,
  putTemplate,
  type Store,
  shareStore,
  type Template,
} from '@cep/contracts/templates';
import { serve } from '@cep/http/serve';
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { makeMachine } from './machine.fixture.ts';
import { type FixtureServer, startServer } from './server.fixture.ts';

jest.setTimeout(60_000);

const at = new Date(0).toISOString();
const wiki: Template = {
  ...{ store: 'ours', id: 'wiki', name: 'Wiki', version: '3', summary: 'A wiki' },
  ...{ categories: ['wiki'], tags: [], enabled: true },
};
const ours: Store = {
  ...{ name: 'ours', kind: 'own', templates: 0, location: null, signed: false, revision: null },
  ...{ refreshedAt: at, warnings: [], everyone: false, projects: [] },
};
const app = (project: string | null, name: string): AppOfProject => ({
  ...{ id: '7c9e6679-7425-40de-944b-e07fc1f90ae7', name, project, deployedBy: project && 'ada' },
  ...{ store: 'cep', template: 'wiki', version: '3', network: null, engine: 'local' },
  ...{ state: 'running', reason: null, generation: 1, endpoints: [], domain: null, createdAt: at },
});
const PLACE = '7c9e6679-7425-40de-944b-e07fc1f90ae7/wiki';

let server: FixtureServer;
let machine: ReturnType<typeof makeMachine>;
let put: Input<typeof putTemplate> | undefined;
beforeAll(async () => {
  server = await startServer((router) => {
    serve(router, addStore, async ({ body }) => ({ ...ours, ...body, location: null }));
    serve(router, shareStore, async ({ body }) => ({ ...ours, ...body }));
    serve(router, changeTemplate, async ({ body }) => ({ ...wiki, ...body }));
    serve(router, putTemplate, async (input) => {
      put = input;
      return wiki;
    });
    serve(router, listAllApps, async ({ query }) =>
      query.after === PLACE
        ? { apps: [app(null, 'old')], next: null }
        : { apps: [app('adas', 'wiki')], next: PLACE },
    );
  });
});
afterAll(async () => server[Symbol.asyncDispose]());
beforeEach(() => {
  machine = makeMachine();
  machine.signIn(server);
});
afterEach(() => machine[Symbol.dispose]());

test('a store without a location says how it is filled', async () => {
  const { stdout } = await machine.cep(['apps', 'store', 'add', 'ours', '--closed']);

  expect(stdout).toContain('cep apps template add FOLDER --store ours');
});

test('a template is a folder that is called as it is', async () => {
  const folder = join(machine.home, 'wiki');
  mkdirSync(folder);
  writeFileSync(join(folder, 'compose.yaml'), 'services: {}');
  writeFileSync(join(folder, 'README.md'), 'A wiki.');

  const { code, stdout } = await machine.cep([
    'apps',
    'template',
    'add',
    folder,
    '--store',
    'ours',
  ]);

  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: 'ours has wiki 3: cep apps deploy wiki --store ours\n',
  });
  expect(put).toMatchObject({
    params: { store: 'ours', app: 'wiki' },
    body: { compose: 'services: {}', readme: 'A wiki.' },
  });
  expect(
    await machine.cep(['apps', 'template', 'add', machine.home, '--store', 'ours']),
  ).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot be read') });
});

test('templates are disabled, and stores shared with those who are named', async () => {
  const [disabled, shared] = [
    await machine.cep(['apps', 'template', 'disable', 'wiki']),
    await machine.cep(['apps', 'store', 'share', 'ours', '--project', 'ada']),
  ];

  expect(disabled.stdout).toContain('disabled');
  expect(shared.stdout).toBe('ours is open to administrators, and the project ada.\n');
});

test('the apps of every project come page by page', async () => {
  const { stdout } = await machine.cep(['apps', 'list', '--all']);

  expect(stdout).toMatch(/PROJECT +OWNER +NAME.*\nadas +ada +wiki .*\n\? +\? +old /);
});
