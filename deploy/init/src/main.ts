/**
 * What the stack needs before its services start, as two one-shot containers: `secrets` makes what
 * is secret and hands each program its part; `database` makes the roles and schemas. Both may be
 * repeated.
 */
import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { loadConfig } from '@cep/config/load';
import { provision } from '@cep/database/provision';
import { InitConfig } from './config.ts';
import { type StackSecrets, secretFiles } from './secret-files.ts';
import { keepSecret, loadSecrets, newPassword } from './secrets.ts';

const config = loadConfig(InitConfig);

async function stackSecrets(): Promise<StackSecrets> {
  const folder = join(config.SECRETS, 'init');
  const secret = (name: string) => keepSecret(folder, name, newPassword);
  return {
    ...(await loadSecrets(folder)),
    brokerPasswords: {
      network: await secret('broker-password-network'),
      apps: await secret('broker-password-apps'),
      accounts: await secret('broker-password-accounts'),
    },
    adminPassword: await secret('admin-password'),
  };
}

async function writeSecrets(secrets: StackSecrets): Promise<void> {
  const hosts = { database: config.DATABASE_HOST, broker: config.BROKER_HOST };
  for (const [name, content] of Object.entries(secretFiles(secrets, hosts))) {
    const path = join(config.SECRETS, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.new`, content);
    // Each program sees its own folder only, and runs as an account that is not known here.
    await chmod(`${path}.new`, 0o444);
    await rename(`${path}.new`, path);
  }
}

async function prepareDatabase({ databasePassword, rolePasswords }: StackSecrets): Promise<void> {
  const adminUrl = `postgres://postgres:${databasePassword}@${config.DATABASE_HOST}:5432/cep`;
  for (const [service, password] of Object.entries(rolePasswords)) {
    await provision(adminUrl, { service, password });
  }
}

const secrets = await stackSecrets();
const [step] = process.argv.slice(2);
if (step === 'secrets') await writeSecrets(secrets);
else if (step === 'database') await prepareDatabase(secrets);
else throw new Error('Say what to prepare: secrets or database.');
