import { randomInt, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { enrolHost, getHost, type Host } from '@cep/contracts/hosts';
import { Problem } from '@cep/contracts/problems';
import { serve } from '@cep/http/serve';
import { nebulaPrograms } from '@cep/testing/nebula';
import { requires } from '@cep/testing/requires';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { Router } from 'express';
import { fingerprintOf } from '../certificate.ts';
import { makeMachine } from '../machine.fixture.ts';
import { type FixtureServer, startServer } from '../server.fixture.ts';
import { CODE, controlPlane } from './control-plane.fixture.ts';
import { hostFolder } from './host-folder.ts';

// Each command is a process of its own.
jest.setTimeout(60_000);

requires('nebula')('the enrolment of a machine', () => {
  const network = `t${randomInt(1e6)}`;
  const prefix = `10.${randomInt(64, 250)}.${randomInt(250)}`;
  const port = randomInt(20_000, 60_000);
  let machine: ReturnType<typeof makeMachine>;
  let plane: ReturnType<typeof controlPlane>;
  const servers: FixtureServer[] = [];

  beforeEach(() => {
    machine = makeMachine();
    plane = controlPlane({ network, prefix, port });
  });
  afterEach(async () => {
    await cep('disconnect', '--forget');
    machine[Symbol.dispose]();
    for (const server of servers.splice(0)) await server[Symbol.asyncDispose]();
  });

  const start = async (mount: (router: Router) => void) => {
    const server = await startServer(mount);
    servers.push(server);
    return server;
  };
  const cep = (verb: string, ...flags: string[]) =>
    machine.cep(['host', verb, network, 'laptop', ...flags], {
      env: { CEP_NEBULA: nebulaPrograms('1.6').nebula },
    });
  const connect = ({ url, certificate }: FixtureServer, ...flags: string[]) =>
    cep('connect', '--server', url.origin, '--pin', fingerprintOf(certificate), ...flags, '-d');
  const enrolment = () =>
    JSON.parse(
      readFileSync(
        join(hostFolder(machine.home, network, 'laptop').path, 'enrolment.json'),
        'utf8',
      ),
    );
  const known = () => ({ ...plane.bundleOf('laptop').host, state: 'enrolled', live: true });

  test('that was refused leaves nothing on the machine', async () => {
    const server = await start(plane.mount);

    expect(await connect(server, '--code', 'WRONG')).toMatchObject({ code: 4 });

    expect(existsSync(join(machine.home, 'hosts', network))).toBe(false);
    expect(JSON.parse((await cep('status', '--json')).stdout)).toEqual({ hosts: [] });
  });

  test('of which the answer was lost goes on with the same keys and the same code', async () => {
    const asked: unknown[] = [];
    const server = await start((router) => {
      router.post('*path', (req, res, next) => {
        asked.push(req.body);
        if (asked.length === 1) {
          // The server has done its part when the connection breaks.
          res.json = () => res.destroy() && res;
        }
        next();
      });
      plane.mount(router);
    });
    expect(await connect(server, '--code', CODE)).toMatchObject({ code: 5 });
    const { hosts } = JSON.parse((await cep('status', '--json')).stdout);
    expect(hosts).toMatchObject([
      { state: 'not enrolled', problem: expect.stringContaining('--forget') },
    ]);

    expect(await connect(server, '--code', CODE)).toMatchObject({ code: 0 });

    expect(asked[1]).toEqual(asked[0]);
  });

  test('that is put off waits for its turn', async () => {
    let asked = 0;
    const server = await start((router) => {
      router.post('*path', (_req, _res, next) => {
        asked += 1;
        if (asked > 1) return next();
        throw new Problem('too-many-requests', 'Later.', { members: { retryAfterSeconds: 1 } });
      });
      plane.mount(router);
    });

    expect(await connect(server, '--code', CODE)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('trying again in'),
    });
  });

  test('begins anew with a code, also where the machine was a host of that name before', async () => {
    const server = await start(plane.mount);
    await connect(server, '--code', CODE);
    await cep('disconnect');
    const before = plane.bundleOf('laptop').host.id;
    plane.remove('laptop');

    expect(await connect(server, '--code', CODE)).toMatchObject({ code: 0 });

    expect(plane.bundleOf('laptop').host.id).not.toBe(before);
    await cep('disconnect');
    const kept = enrolment();
    const worn = await connect(server, '--code', 'WRONG');
    expect(worn).toMatchObject({ code: 0, stdout: expect.stringContaining('goes on as that') });
    expect(enrolment()).toEqual(kept);
  });

  test('begins anew by itself when the server knows another host of that name by now', async () => {
    let recreated: object | undefined;
    const server = await start((router) => {
      serve(router, getHost, async () => (recreated ?? known()) as unknown as Host);
      plane.mount(router);
    });
    machine.signIn(server);
    await cep('connect', '-d');
    const first = plane.bundleOf('laptop').host.id;
    await cep('disconnect');
    await cep('connect', '-d');
    expect(plane.bundleOf('laptop').host.id).toBe(first);
    await cep('disconnect');
    recreated = { ...known(), id: randomUUID() };
    plane.remove('laptop');

    const anew = await cep('connect', '-d');

    expect(anew).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('deleted and made again'),
    });
    expect(plane.bundleOf('laptop').host.id).not.toBe(first);
  });

  test('is known or not when it is ended', async () => {
    const unknown = await cep('disconnect');
    expect(unknown).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is no host "laptop"'),
    });
    expect(await cep('disconnect', '--forget')).toMatchObject({ code: 1 });

    await connect(await start(plane.mount), '--code', CODE);

    for (const code of [0, 0]) expect(await cep('disconnect')).toMatchObject({ code });
    expect(await cep('disconnect', '--forget')).toMatchObject({ code: 0 });
    expect(await cep('disconnect')).toMatchObject({ code: 1 });
  });

  test('in a file does not take the place of a machine that is connected, unless it is said', async () => {
    const server = await start((router) => {
      serve(router, getHost, async () => known() as unknown as Host);
      serve(router, enrolHost, async () => {
        throw new Problem('enrolment-refused', 'It was asked.');
      });
      plane.mount(router);
    });
    await connect(await start(plane.mount), '--code', CODE);
    machine.signIn(server);
    const output = join(machine.home, 'laptop.tar.gz');

    const asked = await cep('bundle', '--output', output);
    expect(asked).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
    expect(await cep('bundle', '--output', output, '--yes')).toMatchObject({
      ...{ code: 4, stderr: 'It was asked.\n' },
    });
    expect(existsSync(output)).toBe(false);
  });
});
