/** Gateway and network service, each in a process of its own, and whoever may ask them. */
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { UserCaller } from '@cep/contracts/caller';
import { provision } from '@cep/database/provision';
import { type Client, createClient } from '@cep/http/client';
import { callerSigner } from '@cep/http/sign-caller';
import { testDatabase } from '@cep/testing/database';
import { buildImage, type Program, startProgram } from './image.ts';

const NOWHERE = 'http://127.0.0.1:9';

const alice: UserCaller = {
  ...{ kind: 'user', username: 'alice', role: 'user', projectName: 'home' },
  ...{ userId: randomUUID(), projectId: randomUUID(), tokenId: randomUUID() },
};

export interface Plane {
  /** Of the gateway. */
  readonly url: URL;
  /** PEM, of the gateway. */
  readonly certificate: string;
  /** Its files. */
  readonly tls: { readonly key: string; readonly cert: string };
  readonly network: Program;
  readonly gateway: () => Program;
  /** Alice at the network service itself; her token lasts for a minute. */
  client(): Promise<Client>;
  /** Ends the gateway as a power cut would, and starts another in its place. */
  replaceGateway(): Promise<void>;
  stop(): Promise<void>;
}

export async function startPlane(folder: string): Promise<Plane> {
  await buildImage(folder);
  const keys = generateKeyPairSync('ed25519');
  const callerKey = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const database = await testDatabase();
  const network = await startProgram({
    ...{ folder, name: 'network' },
    settings: {
      DATABASE_URL: await provision(database.url, { service: 'network', password: 'network' }),
      RABBITMQ_URL: process.env.TEST_RABBITMQ_URL ?? '',
      GATEWAY_PUBLIC_KEY: keys.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      ...{ HOST: '127.0.0.1', PORT: '0', MASTER_KEY: randomBytes(32).toString('base64') },
    },
  });
  const tls = join(folder, 'tls');
  const settings = {
    ...{ HOST: '127.0.0.1', PORT: String(await freePort()), HTTP_PORT: '0', TLS_DIR: tls },
    ...{ CALLER_KEY: callerKey, REQUESTS_PER_MINUTE: '100000' },
    ...{ ACCOUNTS_URL: NOWHERE, APPS_URL: NOWHERE, NETWORK_URL: network.listening.url },
  };
  const startGateway = () => startProgram({ folder, name: 'gateway', settings });
  let gateway = await startGateway();
  const sign = callerSigner(callerKey);
  return {
    url: new URL(`https://127.0.0.1:${settings.PORT}`),
    certificate: await readFile(join(tls, 'cert.pem'), 'utf8'),
    tls: { key: join(tls, 'key.pem'), cert: join(tls, 'cert.pem') },
    network,
    gateway: () => gateway,
    client: async () =>
      createClient({
        url: new URL(network.listening.url),
        token: await sign(alice, 'network'),
      }),
    async replaceGateway() {
      await gateway.stop('SIGKILL');
      gateway = await startGateway();
    },
    async stop() {
      await Promise.all([gateway.stop(), network.stop()]);
      await database.close();
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}
