import type { Input } from '@cep/contracts/endpoint';
import { deleteOrphans, listOrphans } from '@cep/contracts/orphans';
import { deletePool, getPool, type Pool, putPool } from '@cep/contracts/pools';
import { Problem } from '@cep/contracts/problems';
import type { Volume } from '@cep/contracts/volumes';
import { serve } from '@cep/http/serve';
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { makeMachine } from './machine.fixture.ts';
import { type FixtureServer, startServer } from './server.fixture.ts';

jest.setTimeout(60_000);

const at = new Date(0).toISOString();
const fast: Pool = {
  ...{ name: 'fast', engine: 'barn', driver: 'local', path: '/srv/fast', isOwn: false },
  ...{ state: 'ready' as const, why: null, createdAt: at },
};
const volume: Volume = {
  ...{ name: 'cep-wiki-data', pool: 'fast', app: 'wiki', volume: 'data', path: '/srv/fast/x' },
  ...{ state: 'kept' as const, sizeBytes: 12_345_678, leavesAt: null, createdAt: at },
  releasedAt: at,
};

let server: FixtureServer;
let machine: ReturnType<typeof makeMachine>;
let put: Input<typeof putPool> | undefined;
let deleted: Input<typeof deleteOrphans> | undefined;
beforeAll(async () => {
  server = await startServer((router) => {
    serve(router, putPool, async (input) => {
      put = input;
      return fast;
    });
    serve(router, getPool, async () => ({
      ...fast,
      ...{ totalBytes: 2e12, freeBytes: 5e11, usedBytes: 12_345_678 },
      volumes: [{ name: volume.name, app: 'wiki', sizeBytes: 12_345_678 }],
    }));
    serve(router, deletePool, async () => {
      throw new Problem('pool-in-use', '"fast" has cep-wiki-data (of wiki).');
    });
    serve(router, listOrphans, async () => ({ volumes: [volume], failures: ['barn is away'] }));
    serve(router, deleteOrphans, async (input) => {
      deleted = input;
      return { volumes: [volume], failures: [] };
    });
  });
});
afterAll(async () => server[Symbol.asyncDispose]());
beforeEach(() => {
  deleted = undefined;
  machine = makeMachine();
  machine.signIn(server);
});
afterEach(() => machine[Symbol.dispose]());

test('a pool is made on an engine, shown with its disk, and stays while it has volumes', async () => {
  const made = await machine.cep([
    'storage',
    'pool',
    'create',
    'fast',
    '--path',
    '/srv/fast',
    '--on',
    'barn',
  ]);
  expect(made.stdout).toContain('--pool fast');
  expect(put).toMatchObject({
    params: { pool: 'fast' },
    body: { path: '/srv/fast', engine: 'barn' },
  });

  const shown = await machine.cep(['storage', 'pool', 'show', 'fast']);
  expect(shown.stdout).toContain('2.0 TB, 500.0 GB free');
  expect(shown.stdout).toContain('12.3 MB by your volumes');

  const refused = await machine.cep(['storage', 'pool', 'delete', 'fast']);
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain('cep-wiki-data (of wiki)');
});

test('orphans are only told, until it is asked and said that they are to go', async () => {
  const told = await machine.cep(['storage', 'orphans', '--older-than', '90']);
  expect(told.stdout).toContain('cep-wiki-data');
  expect(told.stderr).toContain('barn is away');
  expect(deleted).toBeUndefined();

  const asked = await machine.cep(['storage', 'orphans', '--delete']);
  expect(asked.code).not.toBe(0);
  expect(asked.stderr).toContain('--yes');
  expect(deleted).toBeUndefined();

  await machine.cep([
    'storage',
    'orphans',
    '--older-than',
    '90',
    '--all',
    '--delete',
    '--purge',
    '--yes',
  ]);
  expect(deleted?.body).toEqual({ olderThanDays: 90, all: true, purge: true });
});
