/** Hosts with three versions of Nebula in one network, and what happens to it under a running ping. */
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@cep/testing/eventually';
import { createLab, type Lab } from '@cep/testing/lab';
import { type NebulaVersion, nebulaPrograms } from '@cep/testing/nebula';
import { startPing } from '@cep/testing/ping';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { cliOf, createHome, type RunningCep, startCep } from './cep.ts';

// Each step starts programs, and waits for what they do.
jest.setTimeout(120_000);

/** The lighthouse comes first. */
const VERSIONS = { light: '1.6', old: '1.6', middle: '1.9', new: '1.11' } as const;
type Name = keyof typeof VERSIONS;
const names = Object.keys(VERSIONS) as Name[];

interface Created {
  readonly host: { readonly address: string };
  readonly enrolment: { readonly code: string };
}
interface Listed {
  readonly hosts: readonly {
    readonly name: string;
    readonly bundleVersion: number;
    readonly agent: { readonly connected: boolean; readonly bundleVersion: number | null };
    readonly certificate: { readonly fingerprint: string };
  }[];
}
interface Status {
  readonly hosts: readonly { readonly pid: number; readonly connected: boolean }[];
}

requires(
  'docker',
  'nebula',
  'namespaces',
)('agents of a network with three versions of nebula', () => {
  const server = createHome();
  const homes = Object.fromEntries(names.map((name) => [name, createHome()])) as Record<
    Name,
    ReturnType<typeof createHome>
  >;
  const here = cliOf(server.path);
  const addresses = {} as Record<Name, string>;
  let lab: Lab<Name>;
  let cep: RunningCep;

  const on = (name: Name) => {
    const version: NebulaVersion = VERSIONS[name];
    const nebula = { CEP_NEBULA: nebulaPrograms(version).nebula };
    return cliOf(homes[name].path, lab.hosts[name], nebula);
  };
  const join = async (name: Name) => {
    const host = lab.hosts[name];
    const lighthouse = ['--am-lighthouse', '--public-ip', host.address];
    const flags = name === 'light' ? lighthouse : [];
    const created = await here.json<Created>('host', 'create', 'home', name, ...flags);
    addresses[name] = created.host.address;
    const url = `https://${lab.gateway}:${cep.url.port}`;
    const where = ['--server', url, '--pin', cep.fingerprint, '--code', created.enrolment.code];
    await on(name).json('host', 'connect', 'home', name, ...where, '--detach');
  };
  const pingWorks = (from: Name, to: Name) =>
    eventually(
      async () => {
        const ping = await lab.hosts[from].exec('ping', ['-c1', '-W1', addresses[to]]);
        expect(ping.code).toBe(0);
      },
      { within: 20_000 },
    );
  const list = async () => (await here.json<Listed>('host', 'list', 'home')).hosts;
  /** Each agent is there, and runs what it should. */
  const allCurrent = () =>
    eventually(
      async () => {
        const hosts = await list();
        expect(hosts.map(({ agent }) => agent)).toEqual(
          hosts.map(({ bundleVersion }) =>
            expect.objectContaining({ connected: true, bundleVersion, problem: null }),
          ),
        );
      },
      { within: 40_000 },
    );

  beforeAll(async () => {
    lab = await createLab({ hosts: names });
    cep = await startCep(server.path);
    await here.json('network', 'create', 'home');
    for (const name of names) await join(name);
    for (const from of names) for (const to of names) await pingWorks(from, to);
  });
  afterAll(async () => {
    for (const name of names) await on(name).cep('host', 'disconnect', 'home', name);
    await cep.stop();
    await lab.close();
    for (const home of [server, ...Object.values(homes)]) home.remove();
  });

  test('every agent is connected, and runs the newest bundle', async () => {
    await allCurrent();
  });

  test('the control plane is killed, and nobody notices', async () => {
    const ping = await startPing(lab.hosts.old, addresses.new);

    await cep.kill();
    cep = await startCep(server.path, { CEP_PORT: cep.url.port });

    await allCurrent();
    expect(await ping.largestGap()).toBeLessThan(GAP_MS);
  });

  test('an agent is killed, and nobody notices', async () => {
    const ping = await startPing(lab.hosts.old, addresses.new);
    const [status] = (await on('old').json<Status>('host', 'status')).hosts;

    process.kill(status?.pid ?? 0, 'SIGKILL');
    await sleep(2_000);
    expect(await ping.largestGap()).toBeLessThan(GAP_MS);
    await on('old').json('host', 'connect', 'home', 'old', '--detach');

    await allCurrent();
    await pingWorks('old', 'new');
  });

  test('the authority is replaced under a ping', async () => {
    const ping = await startPing(lab.hosts.old, addresses.middle);
    const before = (await list()).map(({ certificate }) => certificate.fingerprint);

    await here.json('network', 'rotate-ca', 'home');

    await allCurrent();
    const after = (await list()).map(({ certificate }) => certificate.fingerprint);
    expect(after.some((each) => before.includes(each))).toBe(false);
    expect(await ping.largestGap()).toBeLessThan(GAP_MS);
    for (const from of names) for (const to of names) await pingWorks(from, to);
  });

  test('a revoked host is cut off from every peer, whatever they run', async () => {
    const pings = await Promise.all(
      names.filter((name) => name !== 'old').map((to) => startPing(lab.hosts.old, addresses[to])),
    );

    const began = Date.now();
    await here.json('host', 'revoke', 'home', 'old', '--yes');

    for (const ping of pings) {
      expect((await ping.lastAnswer()) - began).toBeLessThan(1_000 + CLI_MS);
      await ping.stop();
    }
    await pingWorks('middle', 'new');
  });
});

/** The CLI starts before it calls. */
const CLI_MS = 500;

/** No connection is away for longer. */
const GAP_MS = 500;
