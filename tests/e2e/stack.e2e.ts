/** The journey through the stack: a container for each part, events over RabbitMQ. */
import { eventually } from '@cep/testing/eventually';
import { createLab, type Lab } from '@cep/testing/lab';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { cliOf, createHome } from './cep.ts';
import { createStack, type Stack } from './stack.ts';

jest.setTimeout(120_000);

interface Created {
  readonly host: { readonly address: string };
  readonly enrolment: { readonly code: string };
}

const SERVICES = ['network', 'apps', 'accounts'];

requires(
  'docker',
  'compose',
  'nebula',
  'namespaces',
)('the stack', () => {
  const server = createHome();
  const laptop = createHome();
  const here = cliOf(server.path);
  let lab: Lab<'laptop'>;
  let there: ReturnType<typeof cliOf>;
  let stack: Stack;
  let address: string;

  const up = () => stack.compose('up', '--build', '--detach', '--wait', '--quiet-pull');
  const ping = () => lab.hosts.laptop.exec('redis-cli', ['-h', address, 'ping']);

  beforeAll(async () => {
    lab = await createLab({ hosts: ['laptop'] });
    there = cliOf(laptop.path, lab.hosts.laptop);
    stack = await createStack(lab.gateway);
  });
  afterAll(async () => {
    await there.cep('host', 'disconnect', 'home', 'laptop');
    await here.cep('apps', 'destroy', 'redis', '--volumes', '--yes');
    await here.cep('host', 'disconnect', 'home', 'server');
    await stack.compose('down', '--volumes', '--timeout', '5');
    await lab.close();
    server.remove();
    laptop.remove();
  });

  test('only the gateway is published, and only apps is given the Docker socket', async () => {
    const services = Object.entries(await stack.configuration());
    const published = services.filter(([, { ports = [] }]) => ports.length > 0);
    const bound = services.filter(([, { volumes = [] }]) =>
      volumes.some(({ type }) => type === 'bind'),
    );

    expect(published.map(([name]) => name)).toEqual(['gateway']);
    expect(bound.map(([name]) => name)).toEqual(['apps']);
  });

  test('it comes up by itself, and the first administrator signs in', async () => {
    await up();
    const secret = ['exec', '-T', 'accounts', 'cat', '/secrets/admin-password'];
    const password = await stack.compose(...secret);
    const where = [`https://${lab.gateway}:8443`, '--pin', await stack.fingerprint()];

    expect(
      await here.piped(password, 'login', ...where, '--username', 'admin', '--password-stdin'),
    ).toMatchObject({ code: 0 });
    expect(await here.json('whoami')).toMatchObject({ user: { username: 'admin' } });
  });

  test('no container is more than it must be, or shows a secret', async () => {
    const containers = await stack.containers();

    for (const { Name, Config, HostConfig } of containers) {
      expect([Name, HostConfig]).toMatchObject([Name, { ReadonlyRootfs: true, CapDrop: ['ALL'] }]);
      const { Env, Cmd, Labels } = Config;
      expect(JSON.stringify({ Env, Cmd, Labels })).not.toMatch(/PRIVATE KEY|amqp:|postgres:\/\//);
    }
    const asRoot = containers.filter(({ Config }) => Config.User === '0:0');
    expect(asRoot.map(({ Name }) => Name).sort()).toEqual(
      ['apps', 'init-database', 'init-secrets'].map((name) => `/cep-${name}-1`),
    );
    expect(containers.filter(({ Config }) => !/^\d+:\d+$/.test(Config.User))).toEqual([]);
  });

  test('apps has git, for stores that are repositories', async () => {
    const make = ['exec', '-T', 'apps', 'git', 'init', '--bare', '/tmp/store.git'];

    expect(await stack.compose(...make)).toContain('Initialized');
  });

  test('an app on a network answers its members', async () => {
    await here.json('network', 'create', 'home');
    const lighthouse = ['--am-lighthouse', '--public-ip', lab.gateway];
    const first = await here.json<Created>('host', 'create', 'home', 'server', ...lighthouse);
    address = first.host.address;
    await here.json('host', 'connect', 'home', 'server', '--detach');
    const { enrolment } = await here.json<Created>('host', 'create', 'home', 'laptop');
    const where = ['--server', `https://${lab.gateway}:8443`, '--pin', await stack.fingerprint()];
    const code = ['--code', enrolment.code];
    await there.json('host', 'connect', 'home', 'laptop', ...where, ...code, '--detach');
    await here.json('apps', 'deploy', 'redis', '--network', 'home');

    await eventually(async () => expect((await ping()).stdout.trim()).toBe('PONG'));
  });

  test('what apps knows of the network came over RabbitMQ, and nothing waits there', async () => {
    const list = ['exec', '-T', 'rabbitmq', 'rabbitmqctl', 'list_queues', 'name', 'messages'];
    await eventually(async () => {
      const queues = await stack.compose(...list, '--quiet', '--no-table-headers');
      expect(queues).toMatch(/^apps\.\S+\t0$/m);
      expect(queues).not.toMatch(/\t[1-9]/);
    });
  });

  test('a service that is broken into neither speaks for another nor reads what is meant for it', async () => {
    const attempt = (call: string) =>
      stack.compose(
        ...['exec', '-T', '--workdir', '/cep/packages/messaging', 'accounts'],
        ...['node', '--input-type=module', '--eval'],
        `import { readFileSync } from 'node:fs';
         import { connect } from 'amqplib';
         const model = await connect(readFileSync('/secrets/rabbitmq-url', 'utf8'));
         const channel = await model.createConfirmChannel();
         channel.on('error', ({ message }) => { console.log(message); process.exit(0); });
         ${call}
         await channel.waitForConfirms();
         console.log('done');
         process.exit(0);`,
      );
    const state = (name: string) =>
      attempt(`channel.publish('cep.events', '${name}', Buffer.from('{}'));`);

    expect(await state('accounts.user.created')).toContain('done');
    expect(await state('network.network.deleted')).toMatch(/ACCESS_REFUSED/);
    expect(await attempt("await channel.get('apps.copy-network');")).toMatch(/ACCESS_REFUSED/);
    expect(await attempt("await channel.get('cep.dead-letters');")).toMatch(/ACCESS_REFUSED/);
  });

  test('an app that was being deployed is deployed when apps is restarted', async () => {
    const deploying = here.cep('apps', 'deploy', 'postgres', '--network', 'home');
    await eventually(async () => {
      const { apps } = await here.json<{ apps: { name: string }[] }>('apps', 'list');
      expect(apps.map(({ name }) => name)).toContain('postgres');
    });
    await stack.compose('restart', '--timeout', '0', 'apps');
    await deploying;

    await eventually(
      async () => {
        expect(await here.json('apps', 'show', 'postgres')).toMatchObject({ state: 'running' });
      },
      { within: 60_000 },
    );
    await here.json('apps', 'destroy', 'postgres', '--volumes', '--yes');
  });

  test('taken down and up again, it keeps all and disturbed nobody', async () => {
    const before = await stack.fingerprint();
    const begin = performance.now();
    await stack.compose('stop', ...SERVICES, 'gateway');
    expect(performance.now() - begin).toBeLessThan(8_000);
    await stack.compose('down');
    expect((await ping()).stdout.trim()).toBe('PONG');

    await up();

    expect(await stack.fingerprint()).toBe(before);
    expect(await here.json('whoami')).toMatchObject({ user: { username: 'admin' } });
    expect(await here.json('network', 'show', 'home')).toMatchObject({ name: 'home' });
    expect(await here.json('apps', 'show', 'redis')).toMatchObject({ state: 'running' });
    expect((await ping()).stdout.trim()).toBe('PONG');
  });
});
