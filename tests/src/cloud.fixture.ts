/** Accounts, network and gateway in this process, and machines of a lab that are hosts of it. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startAccounts } from '@cep/accounts/service';
import { createHost } from '@cep/contracts/hosts';
import { signIn } from '@cep/contracts/users';
import { provision } from '@cep/database/provision';
import { startGateway } from '@cep/gateway/service';
import { type Client, createClient } from '@cep/http/client';
import { inProcess } from '@cep/messaging/in-process';
import { startNetwork } from '@cep/network/service';
import { testDatabase } from '@cep/testing/database';
import type { LabHost } from '@cep/testing/lab-host';

const PASSWORD = 'correct horse battery';
const CLI = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url));
const silent = { info() {}, warn() {}, error() {} };

export interface Cloud {
  readonly client: Client;
  /** What a machine is told of the server: flags of `cep host connect`. */
  readonly where: readonly string[];
  readonly folder: string;
  stop(): Promise<void>;
}

/** @param address  that the gateway listens on */
export async function startCloud(address: string, folder: string): Promise<Cloud> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const database = await testDatabase();
  const transport = inProcess(silent);
  transport.open();
  const service = async (name: 'accounts' | 'network') => ({
    DATABASE_URL: await provision(database.url, { service: name, password: name }),
    GATEWAY_PUBLIC_KEY: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    ...{ HOST: '127.0.0.1', PORT: 0 },
  });
  const shared = { transport, log: silent };
  const admin = { FIRST_ADMIN_PASSWORD: PASSWORD };
  const accounts = await startAccounts({ ...(await service('accounts')), ...admin }, shared);
  const lifetimes = { AUTHORITY_DAYS: 3650, CERTIFICATE_DAYS: 90 };
  const key = { MASTER_KEY: randomBytes(32).toString('base64') };
  const network = await startNetwork(
    { ...(await service('network')), ...lifetimes, ...key },
    shared,
  );
  const gateway = await startGateway(
    {
      ...{ HOST: address, PORT: 0, HTTP_PORT: 0, TLS_DIR: folder, NAMES: address },
      CALLER_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      ACCOUNTS_URL: accounts.url.href,
      APPS_URL: 'http://127.0.0.1:9',
      NETWORK_URL: network.url.href,
      REQUESTS_PER_MINUTE: 100_000,
    },
    { log: silent },
  );
  const url = new URL(`https://${address}:${gateway.url.port}`);
  const pinned = gateway.certificate;
  const body = { username: 'admin', password: PASSWORD };
  const { secret: token } = await createClient({ url, pinned }).call(signIn, { body });
  return {
    client: createClient({ url, pinned, token }),
    where: ['--server', url.origin, '--pin', gateway.fingerprint],
    folder,
    async stop() {
      await gateway.stop();
      await network.stop();
      await accounts.stop();
      await database.close();
    },
  };
}

export interface Joined {
  /** When `cep host connect` was typed; milliseconds since 1970. */
  readonly typed: number;
  /** Overlay address. */
  readonly address: string;
  /** That of IPv6, on a network that has it. */
  readonly address6: string | null;
  leave(): Promise<void>;
}

interface Wish {
  readonly network: string;
  readonly name: string;
  readonly nebula: string;
  readonly groups?: readonly string[];
  /** UDP; makes it a lighthouse. */
  readonly port?: number;
  readonly relay?: boolean;
}

/** Makes a machine a host, in the background, with a state of its own. */
export async function becomeHost(cloud: Cloud, machine: LabHost, wish: Wish): Promise<Joined> {
  const { network, name, nebula, port, relay = false, groups = [] } = wish;
  const lighthouse = port !== undefined;
  const reached = lighthouse && { publicAddress: machine.address, port };
  const { host, enrolment } = await cloud.client.call(createHost, {
    params: { network },
    body: { name, lighthouse, relay, groups: [...groups], ...reached },
  });
  const home = await mkdtemp(join(cloud.folder, 'machine-'));
  const env = { PATH: process.env.PATH, CEP_HOME: home, CEP_NEBULA: nebula };
  const cep = async (...args: string[]) => {
    const program = ['--conditions=source', '--disable-warning=ExperimentalWarning', CLI];
    const ran = await machine.exec(process.execPath, [...program, ...args], { env });
    if (ran.code !== 0) throw new Error(ran.stderr);
  };
  const names = [network, name];
  const typed = Date.now();
  await cep('host', 'connect', ...names, ...cloud.where, '--code', enrolment.code, '--detach');
  const { address, address6 } = host;
  return { typed, address, address6, leave: () => cep('host', 'disconnect', ...names) };
}
