import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { deployApp, destroyApp, getApp, listApps } from '@cep/contracts/apps';
import { createNetwork, deleteNetwork, listNetworks, type Network } from '@cep/contracts/networks';
import { type Operation, watchOperation } from '@cep/contracts/operations';
import { Problem } from '@cep/contracts/problems';
import { signIn } from '@cep/contracts/users';
import { serve, serveEvents } from '@cep/http/serve';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  jest,
  test,
} from '@jest/globals';
import type { Router } from 'express';
import { fingerprintOf } from './certificate.ts';
import { makeMachine } from './machine.fixture.ts';
import { type FixtureServer, startServer } from './server.fixture.ts';

jest.setTimeout(60_000);

const at = new Date(0).toISOString();
const home: Network = {
  ...{ id: randomUUID(), name: 'home', cidr: '10.42.0.0/16', hosts: 2, createdAt: at },
  ...{ cidr6: null, certificateVersion: 1, curve: 'curve25519' },
  authority: { fingerprint: 'f'.repeat(64), expiresAt: at },
};

function networks(router: Router): void {
  serve(router, signIn, async ({ body }) => {
    if (body.password !== 'right') throw new Problem('wrong-credentials', 'That is not right.');
    return {
      secret: 'good',
      expiresAt: at,
      user: { id: randomUUID(), username: 'ada', role: 'admin' as const },
    };
  });
  serve(router, listNetworks, async () => ({ networks: [home] }));
  serve(router, createNetwork, async () => {
    throw new Problem('name-taken', 'There is a network "home" already.');
  });
  serve(router, deleteNetwork, async () => undefined);
}

let server: FixtureServer;
let machine: ReturnType<typeof makeMachine>;
const others: FixtureServer[] = [];
async function start(mount: (router: Router) => void): Promise<FixtureServer> {
  const other = await startServer(mount);
  others.push(other);
  return other;
}

beforeAll(async () => {
  server = await startServer(networks);
});
afterAll(async () => server[Symbol.asyncDispose]());
beforeEach(() => {
  machine = makeMachine();
});
afterEach(async () => {
  machine[Symbol.dispose]();
  await Promise.all(others.splice(0).map((other) => other[Symbol.asyncDispose]()));
});

describe('signing in', () => {
  const login = (...flags: string[]) =>
    machine.cep(['login', server.url.origin, '--username', 'ada', '--password-stdin', ...flags], {
      input: 'right\n',
    });

  test('shows an unknown certificate where nobody can be asked, and sends nothing', async () => {
    const { code, stderr } = await login();

    expect(code).toBe(2);
    expect(stderr).toContain(`--pin ${fingerprintOf(server.certificate)}`);
  });

  test('refuses another certificate than the one expected', async () => {
    const { code, stderr } = await login('--pin', `sha256:${'0'.repeat(64)}`);

    expect(code).toBe(1);
    expect(stderr).toContain(fingerprintOf(server.certificate));
  });

  test('with the right fingerprint lets the next command work, and keeps the token private', async () => {
    const { code } = await login('--pin', fingerprintOf(server.certificate));

    expect(code).toBe(0);
    expect(statSync(join(machine.home, 'cli/profile.json')).mode & 0o777).toBe(0o600);
    expect((await machine.cep(['network', 'list'])).code).toBe(0);
  });

  test('again asks nothing, unless the certificate is another one', async () => {
    machine.signIn(server);
    const again = await login();
    const impostor = await start(networks);
    machine.signIn({ ...impostor, certificate: server.certificate });
    const args = ['login', impostor.url.origin, '--username', 'ada', '--password-stdin', '--yes'];

    const changed = await machine.cep(args, { input: 'right' });

    expect(again.code).toBe(0);
    expect(changed.code).toBe(1);
    expect(changed.stderr).toContain('another certificate than before');
  });

  test('with a wrong password ends with 3', async () => {
    const args = ['login', server.url.origin, '--username', 'ada', '--password-stdin', '--yes'];

    expect(await machine.cep(args, { input: 'wrong' })).toMatchObject({
      code: 3,
      stderr: 'That is not right.\n',
    });
  });
});

describe('a command', () => {
  test('prints a table for people and JSON for programs', async () => {
    machine.signIn(server);

    const people = await machine.cep(['network', 'list']);
    const programs = await machine.cep(['network', 'list', '--json']);

    expect(people.stdout).toBe(
      'NAME  RANGE         HOSTS  CREATED\nhome  10.42.0.0/16  2      1970-01-01\n',
    );
    expect(JSON.parse(programs.stdout)).toEqual({ networks: [home] });
  });

  test('with --json a command that there is not is JSON too', async () => {
    const { code, stdout, stderr } = await machine.cep(['netwrok', 'list', '--json']);

    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'wrong-usage' } });
  });

  test.each([
    [['network', 'create', 'home'], 4, 'There is a network "home" already.\n'],
    [['network', 'delete', 'home'], 2, 'Add --yes to delete "home" without asking.\n'],
    [['netwrok', 'list'], 2, '"cep netwrok list" is not a command: "cep --help" shows them all.\n'],
    [['host', 'connect', '..', 'x'], 2, expect.stringContaining('".." is not a name')],
    [['network', 'list', '--server', 'http://192.0.2.1'], 1, expect.stringContaining('encrypted')],
  ])('%j ends with %i and one sentence', async (args, code, stderr) => {
    machine.signIn(server);

    expect(await machine.cep(args)).toEqual({ code, stdout: '', stderr });
  });

  test('says how to sign in when nobody has, and takes a token from the environment', async () => {
    const env = { CEP_SERVER: server.url.origin };

    expect(await machine.cep(['network', 'list'])).toMatchObject({
      code: 3,
      stderr: 'You are not signed in: run "cep login".\n',
    });
    expect((await machine.cep(['network', 'list'], { env })).stderr).toContain(
      `run "cep login ${server.url.origin}"`,
    );
    machine.signIn(server);
    expect((await machine.cep(['network', 'list'], { env: { CEP_TOKEN: 'bad' } })).code).toBe(3);
  });

  test('tells programs of a failure in JSON', async () => {
    machine.signIn(server);

    const { code, stdout } = await machine.cep(['network', 'create', 'home', '--json']);

    expect(code).toBe(4);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'name-taken', status: 409 } });
  });

  test('refuses a server that shows another certificate than it did', async () => {
    machine.signIn(server);
    const impostor = await start(networks);
    const { certificate } = server;

    machine.signIn({ ...impostor, url: impostor.url, certificate });
    const { code, stderr } = await machine.cep(['network', 'list']);

    expect(code).toBe(5);
    expect(stderr).toContain('another certificate');
  });

  test('ends with 5 when the server is not there', async () => {
    const gone = await start(networks);
    machine.signIn(gone);
    await gone[Symbol.asyncDispose]();

    expect((await machine.cep(['network', 'list'])).code).toBe(5);
  });
});

describe('a deploy', () => {
  const running: Operation = {
    ...{
      id: randomUUID(),
      kind: 'deploy',
      app: 'redis',
      state: 'running',
      step: 'pulling redis:7',
    },
    pulls: [{ image: 'redis:7', doneBytes: 12_300_000, totalBytes: 40_100_000 }],
    ...{ failure: null, createdAt: at, finishedAt: null },
  };
  const app = {
    ...{ id: randomUUID(), name: 'redis', store: 'builtin', template: 'redis', version: '7' },
    domain: { name: 'redis.home', problem: null },
    ...{
      network: 'home',
      engine: 'local',
      state: 'running' as const,
      reason: null,
      generation: 1,
      createdAt: at,
    },
    endpoints: [
      {
        ...{ name: 'redis', protocol: 'redis', address: '10.42.0.2', port: 6379 },
        url: 'redis://10.42.0.2:6379',
      },
    ],
  };

  /** @param streams  the states that each connection tells before it breaks off */
  const apps = (streams: Operation[][]) => (router: Router) => {
    serve(router, deployApp, async () => ({ app, operation: running }));
    serve(router, getApp, async () => ({
      ...app,
      welcome: null,
      grants: [],
      services: [],
      parameters: {},
    }));
    serveEvents(router, watchOperation, async () =>
      (async function* () {
        yield* streams.shift() ?? [];
        throw new Problem('unavailable', 'The server restarts.');
      })(),
    );
  };

  test('is followed across a broken connection to its address', async () => {
    const busy = await start(apps([[running], [{ ...running, state: 'succeeded' }]]));
    machine.signIn(busy);

    const { code, stdout, stderr } = await machine.cep(['apps', 'deploy', 'redis']);

    expect(code).toBe(0);
    expect(stderr).toContain('redis:7 (40.1 MB)');
    expect(stdout).toContain('redis-cli -h 10.42.0.2 -p 6379 ping');
  });

  test('that fails says why and what to do, and ends with 1', async () => {
    const failure = {
      code: 'image-not-found',
      message: 'There is no redis:77.',
      next: 'Choose 7.',
    };
    const busy = await start(apps([[{ ...running, state: 'failed', failure }]]));
    machine.signIn(busy);

    const { code, stderr } = await machine.cep(['apps', 'deploy', 'redis']);

    expect(code).toBe(1);
    expect(stderr).toContain('There is no redis:77.\nChoose 7.');
  });

  test('of all apps is asked about, and tells of each how it ended', async () => {
    const gone = await start((router) => {
      const done = [{ ...running, state: 'succeeded' as const }];
      apps([done, done])(router);
      serve(router, listApps, async () => ({ apps: [{ ...app, name: 'stuck' }, app] }));
      serve(router, destroyApp, async ({ params }) => {
        if (params.app === 'stuck') throw new Problem('app-busy', 'It is being backed up.');
        return { operation: running };
      });
    });
    machine.signIn(gone);

    const asked = await machine.cep(['apps', 'destroy', '--all']);
    const { code, stdout, stderr } = await machine.cep(['apps', 'destroy', '--all', '--yes']);

    expect(asked).toMatchObject({ code: 2, stderr: expect.stringContaining('Add --yes') });
    expect(code).toBe(1);
    expect(stderr).toContain('stuck is not destroyed: It is being backed up.');
    expect(stdout).toContain(`${app.name} is destroyed. Its volumes are kept.`);
    expect((await machine.cep(['apps', 'destroy'])).code).toBe(2);
    expect((await machine.cep(['apps', 'destroy', app.name])).code).toBe(0);
  });

  test('shows nothing on the way with --json', async () => {
    const busy = await start(apps([[running, { ...running, state: 'succeeded' }]]));
    machine.signIn(busy);

    const { stdout, stderr } = await machine.cep(['apps', 'deploy', 'redis', '--json']);

    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({ app: { name: 'redis', state: 'running' } });
  });
});
