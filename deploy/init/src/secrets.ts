/**
 * What this machine alone knows: made at the first start, one file each that only its owner reads,
 * and never changed after. Whoever backs up the home without them cannot read what is sealed in it.
 */
import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

export interface Secrets {
  /** Ed25519, PKCS #8, PEM: with it the gateway signs callers. */
  readonly callerKey: string;
  /** The counterpart, SPKI, PEM, that the services hold. */
  readonly callerPublicKey: string;
  /** 32 bytes, base64: seals CA keys. */
  readonly networkMasterKey: string;
  /** 32 bytes, base64: seals what apps keep secret. */
  readonly appsMasterKey: string;
  /** Of the database's superuser. */
  readonly databasePassword: string;
  /** Of the database role of each service. */
  readonly rolePasswords: Readonly<Record<'network' | 'apps' | 'accounts', string>>;
}

/** @param folder  made, for the owner alone, when it is not there */
export async function loadSecrets(folder: string): Promise<Secrets> {
  const secret = (name: string, make: () => string) => keepSecret(folder, name, make);
  const callerKey = await secret('caller-key.pem', newSigningKey);
  return {
    callerKey,
    callerPublicKey: createPublicKey(callerKey).export({ type: 'spki', format: 'pem' }).toString(),
    networkMasterKey: await secret('network-master-key', newKey),
    appsMasterKey: await secret('apps-master-key', newKey),
    databasePassword: await secret('database-password', newPassword),
    rolePasswords: {
      network: await secret('database-password-network', newPassword),
      apps: await secret('database-password-apps', newPassword),
      accounts: await secret('database-password-accounts', newPassword),
    },
  };
}

const newKey = () => randomBytes(32).toString('base64');

/** 192 bits, in characters that need no escape in a URL. */
export const newPassword = () => randomBytes(24).toString('base64url');

const newSigningKey = () =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

/**
 * Reads the file, or makes it. A file appears whole or not at all, and the first of two makers
 * wins: a half-written master key would lose everything that it seals.
 */
export async function keepSecret(
  folder: string,
  name: string,
  make: () => string,
): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, name);
  const found = await readIfThere(path);
  if (found !== undefined) return found;
  const draft = `${path}.${process.pid}`;
  try {
    const file = await open(draft, 'w', 0o600);
    await file.writeFile(make());
    await file.sync();
    await file.close();
    await link(draft, path).catch(unless('EEXIST'));
  } finally {
    await rm(draft, { force: true });
  }
  return readFile(path, 'utf8');
}

const readIfThere = (path: string): Promise<string | undefined> =>
  readFile(path, 'utf8').catch(unless('ENOENT'));

const unless =
  (code: string) =>
  (error: NodeJS.ErrnoException): undefined => {
    if (error.code !== code) throw error;
  };
