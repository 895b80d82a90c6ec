/** Everything as an installation has it, but for the engine. */
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAccounts } from '@cep/accounts/service';
import { startApps } from '@cep/apps/service';
import { provision } from '@cep/database/provision';
import { startGateway } from '@cep/gateway/service';
import { inProcess } from '@cep/messaging/in-process';
import { startNetwork } from '@cep/network/service';
import { testDatabase } from '@cep/testing/database';

export const PASSWORD = 'correct horse battery';

/**
 * Starts cep with two people, "admin" and "eve", who have the same password and no project in common.
 *
 * @param parts  is given what stops it again
 * @returns also what was logged as an error
 */
export async function startEverything(parts: AsyncDisposableStack) {
  const folder = await mkdtemp(join(tmpdir(), 'cep-tests-'));
  parts.defer(() => rm(folder, { recursive: true }));
  const database = await testDatabase();
  parts.defer(() => database.close());
  const keys = generateKeyPairSync('ed25519');
  const errors: unknown[] = [];
  const log = { info() {}, warn() {}, error: (...words: unknown[]) => void errors.push(words) };
  const transport = inProcess(log);
  const forService = async (service: string) => ({
    DATABASE_URL: await provision(database.url, { service, password: service }),
    GATEWAY_PUBLIC_KEY: keys.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    HOST: '127.0.0.1',
    PORT: 0,
  });
  const MASTER_KEY = randomBytes(32).toString('base64');
  const shared = { transport, log };
  const accounts = await startAccounts(
    { ...(await forService('accounts')), FIRST_ADMIN_PASSWORD: PASSWORD },
    shared,
  );
  parts.defer(() => accounts.stop());
  const days = { AUTHORITY_DAYS: 3650, CERTIFICATE_DAYS: 90 };
  const network = await startNetwork(
    { ...(await forService('network')), ...days, MASTER_KEY },
    shared,
  );
  parts.defer(() => network.stop());
  const DOCKER_HOST = `unix://${join(folder, 'no-engine.sock')}`;
  const apps = await startApps(
    {
      ...{ ...(await forService('apps')), MASTER_KEY, DOCKER_HOST, HOST_ADDRESSES: 'own' as const },
      ...{ BACKUP_IMAGE: 'restic:1', PULL_PATIENCE: 60 },
      ALLOWED_REGISTRIES: '',
    },
    shared,
  );
  parts.defer(() => apps.stop());
  transport.open();
  const gateway = await startGateway(
    {
      ...{ HOST: '127.0.0.1', PORT: 0, HTTP_PORT: 0, TLS_DIR: folder, NAMES: '' },
      CALLER_KEY: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      ACCOUNTS_URL: accounts.url.href,
      APPS_URL: apps.url.href,
      NETWORK_URL: network.url.href,
      REQUESTS_PER_MINUTE: 10_000,
    },
    { log },
  );
  parts.defer(() => gateway.stop());
  // There is no endpoint yet that makes people: eve is an administrator's copy with another name.
  await database.query(`
    with project as (insert into accounts.projects (id, name) values ('${randomUUID()}', 'eves') returning id),
      eve as (
        insert into accounts.users (id, username, role, password_hash, project_id)
        select '${randomUUID()}', 'eve', 'user', password_hash, project.id
        from accounts.users, project where username = 'admin' returning id, project_id)
    insert into accounts.project_members (project_id, user_id) select project_id, id from eve`);
  return { gateway, errors };
}
