import { generateKeyPairSync } from 'node:crypto';
import type { Caller, UserCaller } from '@cep/contracts/caller';
import { authenticate } from '@cep/contracts/users';
import { provision } from '@cep/database/provision';
import { createClient } from '@cep/http/client';
import { callerSigner } from '@cep/http/sign-caller';
import { inProcess } from '@cep/messaging/in-process';
import { type RunningAccounts, startAccounts } from './service.ts';

export const silent = { info() {}, warn() {}, error() {} };

export const PASSWORD = 'correct horse battery';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const sign = callerSigner(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());

/** Starts accounts on a database as an installation does; the role is the same for all databases. */
export async function startOn(databaseUrl: string, password?: string): Promise<RunningAccounts> {
  const DATABASE_URL = await provision(databaseUrl, { service: 'accounts', password: 'accounts' });
  const transport = inProcess(silent);
  transport.open();
  return startAccounts(
    {
      DATABASE_URL,
      GATEWAY_PUBLIC_KEY: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      HOST: '127.0.0.1',
      PORT: 0,
      ...(password !== undefined && { FIRST_ADMIN_PASSWORD: password }),
    },
    { transport, log: silent },
  );
}

/** A client whose caller is vouched for, as the gateway does it. */
export async function clientFor(accounts: RunningAccounts, caller: Caller) {
  return createClient({ url: accounts.url, token: await sign(caller, 'accounts') });
}

/** Whom the gateway takes the holder of a secret for. */
export async function holder(
  accounts: RunningAccounts,
  secret: string,
  project?: string,
): Promise<UserCaller> {
  const gateway = await clientFor(accounts, { kind: 'gateway' });
  return gateway.call(authenticate, { body: { secret, ...(project && { project }) } });
}
