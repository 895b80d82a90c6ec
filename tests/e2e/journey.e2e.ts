/** The first hour of a newcomer, on real Nebula, real Docker and real PostgreSQL. */
import { eventually } from '@cep/testing/eventually';
import { fromRig } from '@cep/testing/from-rig';
import { createLab, type Lab } from '@cep/testing/lab';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { cliOf, createHome, type RunningCep, run, startCep, tryStart } from './cep.ts';

// Each step starts programs, and waits for what they do.
jest.setTimeout(120_000);

interface Created {
  readonly host: { readonly address: string };
  readonly enrolment: { readonly code: string };
}

requires(
  'docker',
  'nebula',
  'namespaces',
  'dns-clients',
)('from npm start to an app on a private network', () => {
  const server = createHome();
  const laptop = createHome();
  const here = cliOf(server.path);
  let lab: Lab<'laptop' | 'stranger'>;
  let cep: RunningCep;
  let there: ReturnType<typeof cliOf>;
  let address: string;
  let laptopAddress: string;

  beforeAll(async () => {
    lab = await createLab({ hosts: ['laptop', 'stranger'] });
    there = cliOf(laptop.path, lab.hosts.laptop);
  });
  afterAll(async () => {
    await there.cep('host', 'disconnect', 'home', 'laptop');
    await here.cep('apps', 'destroy', 'redis', '--volumes', '--yes');
    await here.cep('host', 'disconnect', 'home', 'server');
    await cep.stop();
    await lab.close();
    server.remove();
    laptop.remove();
  });

  test('the first start signs the CLI in and says what to do next', async () => {
    cep = await startCep(server.path);

    expect(cep.output()).toContain('./cep network create home');
    expect(await here.json('whoami')).toMatchObject({
      user: { username: 'admin', role: 'admin' },
      project: { name: 'home' },
    });
  });

  test('a second start on the same home is refused with one sentence', async () => {
    const { code, stderr } = await tryStart(server.path);

    expect(code).not.toBe(0);
    expect(stderr).toContain('cep is already running on');
  });

  test('two hosts join a network and reach each other through Nebula', async () => {
    await here.json('network', 'create', 'home');
    const lighthouse = ['--am-lighthouse', '--public-ip', lab.gateway];
    const first = await here.json<Created>('host', 'create', 'home', 'server', ...lighthouse);
    address = first.host.address;
    await here.json('host', 'connect', 'home', 'server', '--detach');
    const second = await here.json<Created>('host', 'create', 'home', 'laptop');
    laptopAddress = second.host.address;
    const { code } = second.enrolment;
    const where = ['--server', `https://${lab.gateway}:${cep.url.port}`, '--pin', cep.fingerprint];
    await there.json('host', 'connect', 'home', 'laptop', ...where, '--code', code, '--detach');

    await eventually(async () => {
      const ping = await lab.hosts.laptop.exec('ping', ['-c', '1', '-W', '1', address]);
      expect(ping.code).toBe(0);
    });
  });

  test('an app answers on the network, and to nobody outside of it', async () => {
    await here.json('apps', 'deploy', 'redis', '--network', 'home');
    const ping = ['-h', address, 'ping'];

    const fromLaptop = await lab.hosts.laptop.exec('redis-cli', ping);
    const fromHere = await run('redis-cli', ping, process.env);
    // A neighbour on the cable who sends packets for the overlay straight to the server.
    await lab.hosts.stranger.exec('ip', ['route', 'add', '10.0.0.0/8', 'via', lab.gateway]);
    const timeout = ['3', 'redis-cli'];
    const byRoute = await lab.hosts.stranger.exec('timeout', [...timeout, ...ping]);
    const byCable = ['-h', lab.gateway, 'ping'];
    const fromStranger = await lab.hosts.stranger.exec('timeout', [...timeout, ...byCable]);

    expect(fromLaptop.stdout.trim()).toBe('PONG');
    expect(fromHere.stdout.trim()).toBe('PONG');
    expect(byRoute.stdout).not.toContain('PONG');
    expect(fromStranger.stdout).not.toContain('PONG');
  });

  test('programs run in it, with what is piped in or typed', async () => {
    const piped = await here.piped('set a 1\nget a\n', 'apps', 'exec', 'redis', '--', 'redis-cli');
    const typed = await here.typed('tty; stty size; exit 3\n', 'apps', 'exec', 'redis');

    expect(piped).toEqual({ code: 0, stdout: 'OK\n1\n', stderr: '' });
    expect(typed.code).toBe(3);
    expect(typed.stdout).toMatch(/^\/dev\/pts\/\d+\r$/m);
  });

  test('the app is found by name from every host', async () => {
    expect(await here.json('apps', 'show', 'redis')).toMatchObject({
      domain: { name: 'redis.home', problem: null },
    });
    await eventually(async () => {
      const answer = await lab.hosts.laptop.exec(fromRig('TEST_DIG'), [
        ...[`@${laptopAddress}`, 'redis.home', '+short', '+time=1', '+tries=1'],
      ]);
      expect(answer.stdout.trim()).toBe(address);
    });
  });

  test('names that are added are answered by every host, until they are removed', async () => {
    const ask = async (name: string, type: string) => {
      const args = [`@${laptopAddress}`, name, type, '+short', '+time=1', '+tries=1'];
      return (await lab.hosts.laptop.exec(fromRig('TEST_DIG'), args)).stdout.trim();
    };

    await here.json('dns', 'add', 'home', 'cache', 'CNAME', 'redis.home');
    const added = await here.cep('dns', 'add', 'home', 'printer', 'A', '192.0.2.20');
    const taken = await here.cep('dns', 'add', 'home', 'redis', 'A', '192.0.2.21');

    expect(added).toMatchObject({ code: 0, stdout: expect.stringContaining('printer.home A') });
    expect(taken.code).not.toBe(0);
    expect(taken.stderr).toContain('redis');
    await eventually(async () => {
      expect(await ask('printer.home', 'A')).toBe('192.0.2.20');
      expect(await ask('cache.home', 'A')).toBe(`redis.home.\n${address}`);
    });
    const { stdout } = await here.cep('dns', 'list', 'home');
    expect(stdout).toMatch(/^printer\.home +A +192\.0\.2\.20 +60 +record$/m);
    await here.json('dns', 'remove', 'home', 'printer');
    expect(await here.cep('dns', 'remove', 'home', 'cache', '--type', 'CNAME')).toMatchObject({
      stdout: 'Removed cache CNAME redis.home from home.\n',
    });
    await eventually(async () => expect(await ask('printer.home', 'A')).toBe(''));
  });

  test('killed in the middle of a deploy, it goes on after the next start', async () => {
    const deploying = here.cep('apps', 'deploy', 'postgres', '--network', 'home');
    await eventually(async () => {
      const { apps } = await here.json<{ apps: { name: string }[] }>('apps', 'list');
      expect(apps.map(({ name }) => name)).toContain('postgres');
    });
    await cep.kill();

    cep = await startCep(server.path, { CEP_PORT: cep.url.port });

    // The command that waited for the deploy goes on waiting, across the restart.
    expect(await deploying).toMatchObject({ code: 0 });
    expect(await here.json('apps', 'show', 'postgres')).toMatchObject({ state: 'running' });
    await here.json('apps', 'destroy', 'postgres', '--volumes', '--yes');
  });

  test('stopping the server stops neither the network nor the app', async () => {
    expect(await cep.stop()).toBeLessThan(5_000);

    const answer = await lab.hosts.laptop.exec('redis-cli', ['-h', address, 'ping']);
    expect(answer.stdout.trim()).toBe('PONG');

    cep = await startCep(server.path, { CEP_PORT: cep.url.port });
    expect(await here.json('apps', 'show', 'redis')).toMatchObject({ state: 'running' });
  });
});
