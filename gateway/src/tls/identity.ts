/** The gateway's own TLS key and certificate, in a folder: found there, or made there once. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { selfSigned } from './certificate.ts';

export interface Identity {
  readonly key: string;
  /** PEM; clients pin it. */
  readonly cert: string;
}

/**
 * @param names  more names and addresses, for a certificate that has to be made
 * @throws {Error} when there is a certificate without its key, or the folder cannot be written
 */
export async function tlsIdentity(folder: string, names: readonly string[]): Promise<Identity> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const key = (await read(keyFile)) ?? (await newKey(keyFile, certFile));
  const cert = (await read(certFile)) ?? (await newCertificate(certFile, key, names));
  return { key, cert };
}

async function newKey(file: string, certFile: string): Promise<string> {
  if ((await read(certFile)) !== undefined) {
    throw new Error(`${certFile} is there but its key.pem is not. Bring it back, or delete both.`);
  }
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return writeOnce(file, pem, 0o600);
}

async function newCertificate(file: string, key: string, names: readonly string[]) {
  const privateKey = createPrivateKey(key);
  const pem = await selfSigned(
    new Uint8Array(privateKey.export({ type: 'pkcs8', format: 'der' })),
    new Uint8Array(createPublicKey(key).export({ type: 'spki', format: 'der' })),
    [...new Set([...ownNames(), ...names])],
  );
  return writeOnce(file, pem, 0o644);
}

/** Every name by which this machine may be addressed. */
function ownNames(): string[] {
  const addresses = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .map(({ address }) => address)
    .filter((address) => !address.startsWith('fe80:')); // these mean nothing on another link
  return ['localhost', hostname(), '127.0.0.1', '::1', ...addresses];
}

/** Whole or not at all; of several at once the first wins, and all return what it wrote. */
async function writeOnce(file: string, text: string, mode: number): Promise<string> {
  const draft = `${file}.${randomUUID()}`;
  try {
    await writeFile(draft, text, { mode, flush: true });
    await link(draft, file);
    return text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return await readFile(file, 'utf8');
  } finally {
    await rm(draft, { force: true });
  }
}

async function read(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
