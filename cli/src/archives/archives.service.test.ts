import { randomInt } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@cep/testing/eventually';
import { createLab, type Lab } from '@cep/testing/lab';
import { nebulaPrograms, nebulaVersions } from '@cep/testing/nebula';
import { requires } from '@cep/testing/requires';
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { CODE, controlPlane } from '../agent/control-plane.fixture.ts';
import { fingerprintOf } from '../certificate.ts';
import { type LabMachine, labMachine } from '../machine.fixture.ts';
import { type FixtureServer, startServer } from '../server.fixture.ts';

// Each command is a process of its own.
jest.setTimeout(60_000);

requires('nebula', 'namespaces')('a host in a file', () => {
  const port = randomInt(20_000, 60_000);
  const folder = mkdtempSync(join(tmpdir(), 'cep-archives-'));
  let lab: Lab<'light' | 'admin' | 'phone'>;
  let light: LabMachine;
  let admin: LabMachine;
  let phone: LabMachine;
  let plane: ReturnType<typeof controlPlane>;
  let server: FixtureServer;
  let where: string[];

  beforeAll(async () => {
    lab = await createLab({ hosts: ['light', 'admin', 'phone'] });
    const nebula = nebulaPrograms('1.9').nebula;
    light = labMachine(lab.hosts.light, nebula);
    admin = labMachine(lab.hosts.admin, nebula);
    phone = labMachine(lab.hosts.phone, nebula);
  });
  beforeEach(async () => {
    const endpoint = `${lab.hosts.light.address}:${port}`;
    plane = controlPlane({ network: 'home', prefix: '10.77.0', port, endpoint });
    server = await startServer(plane.mount, { host: lab.gateway });
    const pin = fingerprintOf(server.certificate);
    where = ['--server', server.url.origin, '--pin', pin, '--code', CODE];
    await light.connect('home', 'light', ...where);
  });
  afterEach(async () => {
    await light.cep('host', 'disconnect', 'home', 'light', '--forget');
    await server[Symbol.asyncDispose]();
  });
  afterAll(async () => {
    for (const { home } of [light, admin, phone]) rmSync(home, { recursive: true, force: true });
    rmSync(folder, { recursive: true });
    await lab.close();
  });

  const ping = (to: string) =>
    eventually(async () => {
      expect((await lab.hosts.phone.exec('ping', ['-c1', '-W1', to])).code).toBe(0);
    });
  const bundle = async (name: string, ...flags: string[]) => {
    const output = join(folder, name);
    rmSync(output, { force: true });
    const made = await admin.cep(
      'host',
      'bundle',
      'home',
      'phone',
      '-o',
      output,
      ...where,
      ...flags,
    );
    return { ...made, output };
  };

  test.each(nebulaVersions)(
    'runs as it is with nebula %s, and is shut out when revoked',
    async (version) => {
      const { nebula } = nebulaPrograms(version);
      const { code, stdout, output } = await bundle('home-phone.tar.gz');
      expect(code).toBe(0);
      expect(statSync(output).mode & 0o777).toBe(0o600);

      // As the command says it.
      const [, command = ''] = /: +(tar xzf .*)$/m.exec(stdout) ?? [];
      const typed = command.replace('sudo nebula', `exec ${nebula}`);
      const running = lab.hosts.phone.spawn('sh', ['-c', typed], { cwd: folder, stdio: 'ignore' });
      await ping('10.77.0.1');
      expect(readFileSync(join(folder, 'home-phone/config.yml'), 'utf8')).not.toContain('PRIVATE');

      plane.revoke('phone');

      await eventually(async () => {
        expect((await lab.hosts.phone.exec('ping', ['-c1', '-W1', '10.77.0.1'])).code).toBe(1);
      });
      running.kill('SIGKILL');
      rmSync(join(folder, 'home-phone'), { recursive: true });
    },
  );

  test.each(nebulaVersions)('is one file for nebula %s on a phone', async (version) => {
    const { code, stdout, output } = await bundle('home-phone.yml', '--format', 'yaml');
    expect(code).toBe(0);
    expect(stdout).toContain('From file');
    expect(statSync(output).mode & 0o777).toBe(0o600);

    const { nebula } = nebulaPrograms(version);
    const running = lab.hosts.phone.spawn(nebula, ['-config', output], { stdio: 'ignore' });

    await ping('10.77.0.1');
    running.kill('SIGKILL');
  });

  test('is taken by another machine, which is connected but not live until it is told', async () => {
    const { output } = await bundle('home-phone.tar.gz');
    const imported = await phone.cep('host', 'import', output, '--detach');
    expect(imported).toMatchObject({ code: 0, stdout: expect.stringContaining('not live') });
    await ping('10.77.0.1');
    const status = async () =>
      JSON.parse((await phone.cep('host', 'status', '--json')).stdout).hosts;

    expect(await status()).toMatchObject([
      { host: 'phone', state: 'running', live: false, connected: false, problem: null },
    ]);
    expect((await phone.cep('host', 'status')).stdout).toContain('not live');
    const first = (await status())[0].pid;
    const next = await bundle('home-phone.tar.gz');
    const again = await phone.cep('host', 'import', next.output, '--detach');
    expect(again).toMatchObject({ code: 0 });
    expect((await status())[0].pid).not.toBe(first);
    expect((await phone.cep('host', 'disconnect', 'home', 'phone')).code).toBe(0);
    expect(await status()).toMatchObject([{ state: 'stopped', live: false }]);
    expect((await phone.cep('host', 'connect', 'home', 'phone', '--detach')).code).toBe(0);
    await ping('10.77.0.1');
    await phone.cep('host', 'disconnect', 'home', 'phone', '--forget');
    expect(await status()).toEqual([]);
  });

  test('that was tampered with is refused, and leaves nothing behind', async () => {
    const { output } = await bundle('home-phone.tar.gz');
    const { exec } = lab.hosts.phone;
    await exec('tar', ['xzf', output, '-C', folder]);
    const swap = async (file: string, from: string, to: string) => {
      const path = join(folder, 'home-phone', file);
      await exec('sed', ['-i', `s/${from}/${to}/`, path]);
      const evil = join(folder, 'evil.tar.gz');
      await exec('tar', ['czf', evil, '-C', folder, 'home-phone']);
      await exec('sed', ['-i', `s/${to}/${from}/`, path]);
      return phone.cep('host', 'import', evil, '--detach');
    };

    for (const [file, from, to, words] of [
      ['manifest.json', '"bundle": "e', '"bundle": "f', 'not signed'],
      ['manifest.json', '"host": "phone"', '"host": "light"', 'is for phone'],
      ['manifest.json', '"format": 1', '"format": 2', 'manifest.json'],
      ['host.key', 'BEGIN', 'BEGUN', 'The key in this archive'],
    ] as const) {
      const refused = await swap(file, from, to);
      expect([words, refused.code]).toEqual([words, 1]);
      expect(refused.stderr).toContain(words);
      expect(refused.stderr).not.toContain('in a way it should not');
    }
    const wrong = await phone.cep('host', 'import', join(folder, 'nowhere.tar.gz'));
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot be read') });
    expect(JSON.parse((await phone.cep('host', 'status', '--json')).stdout).hosts).toEqual([]);
    rmSync(join(folder, 'home-phone'), { recursive: true });
  });

  test('is not made where a file is already, or where none can be, or when it is refused', async () => {
    const { output } = await bundle('home-phone.tar.gz');
    const before = readFileSync(output);
    const twice = await admin.cep('host', 'bundle', 'home', 'phone', '-o', output, ...where);
    expect(twice).toMatchObject({ code: 1, stderr: expect.stringContaining('is there already') });
    expect(readFileSync(output)).toEqual(before);
    const nowhere = join(folder, 'no/such/file.tar.gz');
    const lost = await admin.cep('host', 'bundle', 'home', 'phone', '-o', nowhere, ...where);
    expect(lost).toMatchObject({ code: 1, stderr: expect.stringContaining('ENOENT') });
    where = [...where.slice(0, -1), 'WRONG'];
    const refused = await bundle('refused.tar.gz');
    expect(refused).toMatchObject({ code: 4 });
    expect(() => statSync(refused.output)).toThrow('ENOENT');
  });
});
