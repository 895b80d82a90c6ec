/** The wiring of cep on one machine, top to bottom. */
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { startAccounts } from '@cep/accounts/service';
import { startApps } from '@cep/apps/service';
import { guardApps } from '@cep/cli/agent/guard';
import { makeFolders, unmadeFolder } from '@cep/config/folders';
import { provision } from '@cep/database/provision';
import { startGateway } from '@cep/gateway/service';
import { loadSecrets } from '@cep/init/secrets';
import { createLogger } from '@cep/logging/logger';
import { inProcess } from '@cep/messaging/in-process';
import { startNetwork } from '@cep/network/service';
import type { Settings } from './config.ts';
import { greeting } from './greeting.ts';
import { lockHome } from './lock.ts';
import { startPostgres } from './postgres.ts';
import { signInHere } from './sign-in.ts';

interface Standalone {
  /** For people, once it runs. */
  readonly greeting: string;
  /** Rejects when it cannot go on. */
  readonly ended: Promise<never>;
  stop(): Promise<void>;
}

/**
 * Starts everything, in the order in which the parts need each other; what was started is stopped
 * again, in reverse, by `stop` or when a later part fails.
 *
 * @throws {Error} a sentence for people
 */
export async function startStandalone(settings: Settings): Promise<Standalone> {
  const parts = new AsyncDisposableStack();
  try {
    return await start(settings, parts);
  } catch (error) {
    await parts.disposeAsync();
    throw error;
  }
}

async function start(settings: Settings, parts: AsyncDisposableStack): Promise<Standalone> {
  const { home } = settings;
  await prepareHome(home);
  parts.defer(await lockHome(home));

  const secrets = await loadSecrets(join(home, 'secrets'));
  const postgres = await startPostgres(join(home, 'postgres'), secrets.databasePassword);
  parts.defer(() => postgres.stop());

  const logFile = join(home, 'logs', 'cep.log');
  const log = (service: string) => createLogger(service, { file: logFile });
  const transport = inProcess(log('events'));
  const forService = async (service: 'network' | 'apps' | 'accounts') => ({
    DATABASE_URL: await provision(postgres.adminUrl, {
      service,
      password: secrets.rolePasswords[service],
    }),
    GATEWAY_PUBLIC_KEY: secrets.callerPublicKey,
    HOST: '127.0.0.1',
    PORT: 0,
  });

  const accounts = await startAccounts(await forService('accounts'), {
    transport,
    log: log('accounts'),
  });
  parts.defer(() => accounts.stop());
  const network = await startNetwork(
    {
      ...(await forService('network')),
      MASTER_KEY: secrets.networkMasterKey,
      AUTHORITY_DAYS: 3650,
      CERTIFICATE_DAYS: 90,
    },
    { transport, log: log('network') },
  );
  parts.defer(() => network.stop());
  const appsLog = log('apps');
  await guardApps().then(
    (isUp) => isUp || appsLog.warn(UNGUARDED),
    (error: unknown) => appsLog.warn(UNGUARDED, { error }),
  );
  const apps = await startApps(
    {
      ...(await forService('apps')),
      MASTER_KEY: secrets.appsMasterKey,
      DOCKER_HOST: settings.DOCKER_HOST,
      BACKUP_IMAGE: settings.BACKUP_IMAGE,
      PULL_PATIENCE: settings.PULL_PATIENCE,
      ALLOWED_REGISTRIES: settings.ALLOWED_REGISTRIES,
      HOST_ADDRESSES: 'own',
    },
    { transport, log: appsLog },
  );
  parts.defer(() => apps.stop());
  transport.open();

  const gateway = await startGateway(
    {
      ...(settings.CEP_LISTEN && { HOST: settings.CEP_LISTEN }),
      PORT: settings.CEP_PORT,
      HTTP_PORT: 0,
      NAMES: settings.CEP_NAMES,
      TLS_DIR: join(home, 'tls'),
      CALLER_KEY: secrets.callerKey,
      ACCOUNTS_URL: accounts.url.href,
      NETWORK_URL: network.url.href,
      APPS_URL: apps.url.href,
      REQUESTS_PER_MINUTE: 1_200,
    },
    { log: log('gateway') },
  ).catch(explainListening(settings));
  parts.defer(() => gateway.stop());

  const url = new URL(`https://localhost:${gateway.url.port}`);
  const { certificate, fingerprint } = gateway;
  const first = await signInHere({ home, accounts, server: url, certificate });
  return {
    greeting: greeting({ url, fingerprint, first, logFile, command: settings.CEP_COMMAND }),
    ended: postgres.ended,
    stop: () => parts.disposeAsync(),
  };
}

const UNGUARDED =
  'iptables cannot be used: before Docker 28, machines on the same cable may reach apps by routing to their containers';

const explainListening =
  ({ CEP_PORT: port, CEP_LISTEN: address }: Settings) =>
  (error: NodeJS.ErrnoException): never => {
    const elsewhere = `CEP_LISTEN is ${address}, which is no address of this machine; leave it out to listen on every one.`;
    const sentences: Readonly<Record<string, string>> = {
      EADDRINUSE: `Port ${port} is in use by another program; set CEP_PORT to a free one.`,
      EACCES: `Port ${port} may not be used by this account; set CEP_PORT to one above 1023.`,
      ...(address && { EADDRNOTAVAIL: elsewhere, ENOTFOUND: elsewhere, EAI_AGAIN: elsewhere }),
      ...(address && { EINVAL: elsewhere, EAFNOSUPPORT: elsewhere }),
    };
    const sentence = sentences[error.code ?? ''];
    throw sentence === undefined ? error : new Error(sentence, { cause: error });
  };

/** Others may pass through to folders of their own, and see nothing. */
async function prepareHome(home: string): Promise<void> {
  try {
    makeFolders(join(home, 'logs'));
    await chmod(home, 0o711);
  } catch (cause) {
    throw new Error(unmadeFolder(home, cause as NodeJS.ErrnoException), { cause });
  }
}
