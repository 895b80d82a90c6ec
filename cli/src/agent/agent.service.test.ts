import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@cep/testing/eventually';
import { nebulaPrograms } from '@cep/testing/nebula';
import { requires } from '@cep/testing/requires';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { fingerprintOf } from '../certificate.ts';
import { makeMachine } from '../machine.fixture.ts';
import { type FixtureServer, startServer } from '../server.fixture.ts';
import { CODE, controlPlane } from './control-plane.fixture.ts';
import { hostFolder } from './host-folder.ts';
import { findStrays } from './nebula-process.ts';

// Each command is a process of its own.
jest.setTimeout(60_000);

requires('nebula')('the agent, with real nebula', () => {
  const network = `t${randomInt(1e6)}`;
  const machine = makeMachine();
  const prefix = `10.${randomInt(64, 250)}.${randomInt(250)}`;
  const folder = hostFolder(machine.home, network, 'laptop');
  const port = randomInt(20_000, 60_000);
  let server: FixtureServer;

  beforeEach(async () => {
    server = await startServer(controlPlane({ network, prefix, port }).mount);
  });
  afterEach(async () => {
    await cep('disconnect', '--forget');
    await server[Symbol.asyncDispose]();
  });

  const cep = (verb: string, ...flags: string[]) =>
    machine.cep(['host', verb, network, 'laptop', ...flags], {
      env: { CEP_NEBULA: nebulaPrograms('1.6').nebula },
    });
  const connect = (...flags: string[]) => {
    const pin = fingerprintOf(server.certificate);
    return cep('connect', '--server', server.url.origin, '--pin', pin, '--code', CODE, ...flags);
  };
  const status = async () => JSON.parse((await cep('status', '--json')).stdout).hosts[0];

  test('connects with a code, in the background, and says so when asked again', async () => {
    const first = await connect('--detach');
    const second = await connect('--detach');

    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout).toContain(`${prefix}.1`);
    expect(second).toMatchObject({ code: 0 });
    expect(second.stdout).toContain('already');
    expect(await status()).toMatchObject({ state: 'running', address: `${prefix}.1` });
  });

  test('keeps its keys to itself', async () => {
    await connect('--detach');

    expect(statSync(folder.path).mode & 0o777).toBe(0o700);
    for (const file of ['tunnel.key', 'signing.key', 'nebula.yml', 'enrolment.json', 'log'])
      expect([file, statSync(join(folder.path, file)).mode & 0o777]).toEqual([file, 0o600]);
    expect(readFileSync(folder.log, 'utf8')).not.toContain('PRIVATE');
  });

  test('connects again without the server, and disconnects twice', async () => {
    await connect('--detach');
    await cep('disconnect');
    await server[Symbol.asyncDispose]();

    const again = await cep('connect', '--detach');
    const [stopped, twice] = [await cep('disconnect'), await cep('disconnect')];

    expect(again).toMatchObject({ code: 0 });
    expect([stopped.code, twice.code]).toEqual([0, 0]);
    expect(await status()).toMatchObject({ state: 'stopped', pid: null });
  });

  test('starts a nebula again that was killed', async () => {
    await connect('--detach');
    const [first] = findStrays(folder);

    process.kill(first?.pid ?? 0, 'SIGKILL');

    await eventually(async () => {
      const [second] = findStrays(folder);
      expect(second?.pid).toBeGreaterThan(0);
      expect(second).not.toEqual(first);
    });
    await eventually(async () => expect((await status()).state).toBe('running'));
  });

  test('writes the file of a nebula anew that has lost it', async () => {
    await connect('--detach');
    rmSync(folder.config);

    const [first] = findStrays(folder);

    process.kill(first?.pid ?? 0, 'SIGKILL');

    await eventually(async () => {
      const [second] = findStrays(folder);
      expect(second?.pid).toBeGreaterThan(0);
      expect(second).not.toEqual(first);
    });
    await eventually(async () =>
      expect(await status()).toMatchObject({ state: 'running', problem: null }),
    );
    expect(existsSync(folder.config)).toBe(true);
  });

  test('takes over what a killed supervisor left behind', async () => {
    await connect('--detach');
    const { pid } = await status();

    process.kill(pid, 'SIGKILL');
    await eventually(async () => expect((await status()).state).toBe('unsupervised'));
    const again = await cep('connect', '--detach');

    expect(again).toMatchObject({ code: 0 });
    expect(await status()).toMatchObject({ state: 'running' });
  });

  test('says so when its port is taken, and leaves nothing behind', async () => {
    const taken = createSocket('udp4').bind(port);
    await once(taken, 'listening');

    const refused = await connect('--detach');
    taken.close();

    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('--port') });
    expect(await status()).toMatchObject({ state: 'stopped', pid: null });
    expect((await connect('--detach')).code).toBe(0);
  });

  test('refuses a wrong code, and the right one still works afterwards', async () => {
    const pin = fingerprintOf(server.certificate);
    const where = ['--server', server.url.origin, '--pin', pin];

    const refused = await cep('connect', ...where, '--code', 'WRONG', '--detach');

    expect(refused).toMatchObject({ code: 4, stderr: 'The code is not good.\n' });
    expect((await connect('--detach')).code).toBe(0);
  });
});
