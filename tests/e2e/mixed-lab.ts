/** cep, and a network of hosts with three versions of nebula, each on a machine of a lab. */
import { eventually } from '@cep/testing/eventually';
import { createLab } from '@cep/testing/lab';
import { type NebulaVersion, nebulaPrograms } from '@cep/testing/nebula';
import { expect } from '@jest/globals';
import { cliOf, createHome, type RunningCep, startCep } from './cep.ts';

/** Lighthouses come first. `beacon` is nothing else: it has no interface. */
const VERSIONS = { beacon: '1.9', light: '1.6', old: '1.6', middle: '1.9', new: '1.11' } as const;
export type Name = keyof typeof VERSIONS;
const names = Object.keys(VERSIONS) as Name[];
/** Those that are reached over the network. */
export const members = names.filter((name) => name !== 'beacon');

const network = 'home';

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
export interface Status {
  readonly hosts: readonly {
    readonly pid: number;
    readonly connected: boolean;
    readonly problem: string | null;
  }[];
}

export type MixedLab<Spare extends string = never> = Awaited<
  ReturnType<typeof createMixedLab<Spare>>
>;

/** @param spare  machines beside them that are no hosts */
export async function createMixedLab<const Spare extends string = never>(spare: Spare[] = []) {
  const server = createHome();
  const homes = new Map(names.map((name) => [name, createHome()]));
  const lab = await createLab<Name | Spare>({ hosts: [...names, ...spare] });
  const here = cliOf(server.path);
  const addresses = {} as Record<Name, string>;
  const homeOf = (name: Name) => homes.get(name)?.path ?? '';
  let cep: RunningCep | undefined;

  /** The machine of a host; `more` is added to the environment of what is typed there. */
  const on = (name: Name, more: NodeJS.ProcessEnv = {}) => {
    const version: NebulaVersion = VERSIONS[name];
    const nebula = { CEP_NEBULA: nebulaPrograms(version).nebula };
    return cliOf(homeOf(name), lab.hosts[name], { ...nebula, ...more });
  };
  const rolesOf = (name: Name) => {
    if (name !== 'light' && name !== 'beacon') return [];
    const lighthouse = ['--am-lighthouse', '--public-ip', lab.hosts[name].address];
    return name === 'beacon' ? [...lighthouse, '--no-interface'] : lighthouse;
  };
  async function join(name: Name, { url, fingerprint }: RunningCep): Promise<void> {
    const created = await here.json<Created>('host', 'create', network, name, ...rolesOf(name));
    addresses[name] = created.host.address;
    const where = ['--server', `https://${lab.gateway}:${url.port}`, '--pin', fingerprint];
    const code = ['--code', created.enrolment.code];
    await on(name).json('host', 'connect', network, name, ...where, ...code, '--detach');
  }
  const connect = (name: Name, more: NodeJS.ProcessEnv = {}) =>
    on(name, more).json('host', 'connect', network, name, '--detach');
  const pingWorks = (from: Name, to: Name) =>
    eventually(
      async () => {
        const ping = await lab.hosts[from].exec('ping', ['-c1', '-W1', addresses[to]]);
        expect([from, to, ping.code]).toEqual([from, to, 0]);
      },
      { within: 20_000 },
    );
  const everybodyMeets = async () => {
    for (const from of members) for (const to of members) await pingWorks(from, to);
  };
  const list = async () => (await here.json<Listed>('host', 'list', network)).hosts;
  const statusOf = async (name: Name) => {
    const [status] = (await on(name).json<Status>('host', 'status')).hosts;
    if (!status) throw new Error(`${name} is no host`);
    return status;
  };
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
  async function close(): Promise<void> {
    for (const name of names) await on(name).cep('host', 'disconnect', network, name);
    await cep?.stop();
    await lab.close();
    for (const home of [server, ...homes.values()]) home.remove();
  }

  try {
    cep = await startCep(server.path);
    await here.json('network', 'create', network);
    for (const name of names) await join(name, cep);
    await everybodyMeets();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    ...{ hosts: lab.hosts, addresses, here, homeOf, on, connect, close },
    ...{ pingWorks, everybodyMeets, list, statusOf, allCurrent },
    /** Kills the control plane in the midst of what it does, and starts it again after `meanwhile`. */
    async restartControlPlane(meanwhile = async () => {}): Promise<void> {
      const port = cep?.url.port;
      await cep?.kill();
      await meanwhile();
      cep = await startCep(server.path, { CEP_PORT: port });
    },
    async killNebula(name: Name): Promise<void> {
      const { stdout } = await lab.hosts[name].exec('pgrep', [
        '-f',
        '--',
        `-config ${homeOf(name)}/`,
      ]);
      process.kill(Number(stdout), 'SIGKILL');
    },
    async killAgent(name: Name): Promise<void> {
      process.kill((await statusOf(name)).pid, 'SIGKILL');
    },
  };
}
