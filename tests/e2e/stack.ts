/** The stack as `docker-compose.yml` has it, on the rig's engine. */
import { fromRig } from '@cep/testing/from-rig';
import { root, run } from './cep.ts';
import { buildOfflineBase } from './offline-base.ts';

/** What a service is in `docker compose config`, as far as tests look at it. */
interface ConfiguredService {
  readonly ports?: readonly unknown[];
  readonly volumes?: readonly { readonly type: string; readonly source: string }[];
}

/** What a container is in `docker inspect`, as far as tests look at it. */
interface InspectedContainer {
  readonly Name: string;
  readonly Config: {
    readonly User: string;
    readonly Env: readonly string[];
    readonly Cmd: readonly string[];
    readonly Labels: Readonly<Record<string, string>>;
  };
  readonly HostConfig: { readonly ReadonlyRootfs: boolean; readonly CapDrop: readonly string[] };
}

export interface Stack {
  /** `docker compose …`; @returns what it wrote. @throws when it fails */
  compose(...args: string[]): Promise<string>;
  configuration(): Promise<Readonly<Record<string, ConfiguredService>>>;
  /** Every container, also those that have ended. */
  containers(): Promise<readonly InspectedContainer[]>;
  /** Of the certificate that the gateway made. */
  fingerprint(): Promise<string>;
}

/** @param names  for the certificate, beside those that it has anyway */
export async function createStack(names: string): Promise<Stack> {
  const socket = fromRig('TEST_DOCKER_HOST');
  const env = {
    ...process.env,
    DOCKER_HOST: socket,
    DOCKER_SOCKET: socket.replace('unix://', ''),
    CEP_BASE: await buildOfflineBase(),
    CEP_NAMES: names,
  };
  const succeed = async (program: string, ...args: string[]) => {
    const { code, stdout, stderr } = await run(program, args, env);
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
    return stdout;
  };
  const compose = (...args: string[]) =>
    succeed(fromRig('TEST_DOCKER_COMPOSE'), '--project-directory', root, ...args);
  return {
    compose,
    async configuration() {
      return JSON.parse(await compose('config', '--format', 'json')).services;
    },
    async containers() {
      const ids = (await compose('ps', '--all', '--quiet')).trim().split('\n');
      return JSON.parse(await succeed(fromRig('TEST_DOCKER_CLI'), 'inspect', ...ids));
    },
    async fingerprint() {
      const log = await compose('logs', '--no-log-prefix', 'gateway');
      const [, fingerprint] = /"fingerprint":"([^"]+)"/.exec(log) ?? [];
      if (!fingerprint) throw new Error(`The gateway does not say its fingerprint:\n${log}`);
      return fingerprint;
    },
  };
}
