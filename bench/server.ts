/** What a deploy passes through, in this process: gateway, accounts, and apps with a store of its own. */
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { startAccounts } from '@cep/accounts/service';
import { build } from '@cep/apps/build';
import { createEngine } from '@cep/apps/engine/engine';
import { readTemplate } from '@cep/apps/templates/template';
import { saveProfile } from '@cep/cli/profile';
import type { UserCaller } from '@cep/contracts/caller';
import { provision } from '@cep/database/provision';
import { startGateway } from '@cep/gateway/service';
import { type Client, createClient } from '@cep/http/client';
import { callerSigner } from '@cep/http/sign-caller';
import { inProcess } from '@cep/messaging/in-process';
import { startService } from '@cep/service/start';

interface Given {
  /** Where PostgreSQL takes its superuser. */
  readonly postgres: string;
  readonly docker: string;
  /** Of the CLI, which is signed in. */
  readonly home: string;
  /** Those of the store: name, and compose file; what `more` says is part of its header. */
  readonly templates: readonly {
    readonly id: string;
    readonly compose: string;
    readonly more?: string;
  }[];
}

export interface Server {
  /** A client of apps itself, with no gateway in between; its token lasts for a minute. */
  readonly client: () => Promise<Client>;
  stop(): Promise<void>;
}

const log = { info() {}, warn() {}, error() {} };

export async function startServer(given: Given): Promise<Server> {
  const parts = new AsyncDisposableStack();
  const keys = generateKeyPairSync('ed25519');
  const pem = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const publicKey = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const transport = inProcess(log);
  const settings = async (service: 'apps' | 'accounts') => ({
    DATABASE_URL: await provision(`${given.postgres}/postgres`, {
      service,
      password: randomBytes(16).toString('hex'),
    }),
    GATEWAY_PUBLIC_KEY: publicKey,
    HOST: '127.0.0.1',
    PORT: 0,
  });
  const accounts = await startAccounts(await settings('accounts'), { transport, log });
  parts.defer(() => accounts.stop());
  const apps = await startService(await settings('apps'), { transport, log }, definition(given));
  parts.defer(() => apps.stop());
  const gateway = await startGateway(
    {
      ...{ HOST: 'localhost', PORT: 0, NAMES: '', TLS_DIR: join(given.home, 'tls') },
      ...{ CALLER_KEY: pem, ACCOUNTS_URL: accounts.url.href, APPS_URL: apps.url.href },
      NETWORK_URL: accounts.url.href, // not asked
    },
    { log },
  );
  parts.defer(() => gateway.stop());
  const { secret } = await accounts.signInOperator('bench');
  const { certificate } = gateway;
  saveProfile({ home: given.home, server: gateway.url, token: secret, certificate });
  const sign = callerSigner(pem);
  const user = someone();
  return {
    client: async () => createClient({ url: apps.url, token: await sign(user, 'apps') }),
    stop: () => parts.disposeAsync(),
  };
}

function definition({ docker, templates }: Given) {
  const read = templates.map(({ id, compose, more = '' }) => {
    const header = `x-cep: {schemaVersion: 1, id: ${id}, name: ${id}, version: "1", revision: 1, summary: two, categories: [bench]${more}}`;
    const text = `${header}\n${compose}`;
    return [id, readTemplate({ store: 'cep', id, readme: '', compose: text })] as const;
  });
  return {
    name: 'apps',
    migrations: new URL('../services/apps/migrations/', import.meta.url),
    build: (db: Parameters<typeof build>[0]) =>
      build(db, {
        masterKey: randomBytes(32).toString('base64'),
        engine: (instance) => createEngine(docker, instance),
        store: { name: 'cep', templates: new Map(read) },
        hostAddresses: async () => [],
        backupImage: '',
        log,
      }),
  };
}

function someone(): UserCaller {
  const ids = { userId: randomUUID(), projectId: randomUUID(), tokenId: randomUUID() };
  return { kind: 'user', username: 'a', role: 'user', projectName: 'a', ...ids };
}
