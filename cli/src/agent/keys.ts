import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseCertificate } from '@cep/nebula/certificates';
import { parsePrivateKey, privateKeyPem } from '@cep/nebula/key-pem';
import { generateHostKeys } from '@cep/nebula/keys';
import { writeDurably } from '../durable-file.ts';
import { failure } from '../failure.ts';

/** The public halves, 32 bytes each, base64url. */
export interface PublicKeys {
  /** X25519, for the tunnels. */
  readonly tunnelKey: string;
  /** Ed25519, by which the host proves itself to the control plane. */
  readonly signingKey: string;
}

const tunnelFile = (folder: string) => join(folder, 'tunnel.key');
const nextTunnelFile = (folder: string) => join(folder, 'tunnel.next.key');

/**
 * The keys of this host, made the first time. They are safely on disk once this returns, so that an
 * enrolment whose answer was lost can be asked for again with the same ones.
 */
export function hostKeys(folder: string): PublicKeys {
  const tunnelKey = publicHalf(kept(tunnelFile(folder), newTunnelKey));
  const { x = '' } = createPublicKey(createPrivateKey(signingKey(folder))).export({
    format: 'jwk',
  });
  return { tunnelKey, signingKey: x };
}

/** PEM; it never leaves this machine. */
export const signingKey = (folder: string): string =>
  kept(join(folder, 'signing.key'), () =>
    generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  );

/**
 * The public half of the key that the next certificate is for: the same until a certificate for it
 * is in use, so that a renewal whose answer was lost can be asked for again.
 */
export const nextTunnelKey = (folder: string): string =>
  publicHalf(kept(nextTunnelFile(folder), newTunnelKey));

/**
 * The private key that a certificate was made for, as PEM; it never leaves this machine.
 *
 * @throws {CLIError} when this machine does not have it
 */
export function privateKeyFor(folder: string, certificate: string): string {
  const files = [tunnelFile(folder), nextTunnelFile(folder)].filter(existsSync);
  const keys = files.map((file) => readFileSync(file, 'utf8'));
  const found = keys.find((key) => isKeyFor(key, certificate));
  if (found === undefined)
    throw failure('The certificate was made for a key that this machine does not have.');
  return found;
}

/** Takes a key that was made elsewhere as the next one, for {@link adoptNextKey}. @returns undoes it */
export function takeNextKey(folder: string, privateKey: string): () => void {
  writeDurably(nextTunnelFile(folder), privateKey);
  return () => rmSync(nextTunnelFile(folder), { force: true });
}

/** The next key, once its certificate is in use, becomes the key. May be repeated. */
export function adoptNextKey(folder: string, certificate: string): void {
  const next = nextTunnelFile(folder);
  if (existsSync(next) && isKeyFor(readFileSync(next, 'utf8'), certificate))
    renameSync(next, tunnelFile(folder));
}

const newTunnelKey = (): string => privateKeyPem('host', generateHostKeys());

const publicHalf = (privateKey: string): string =>
  Buffer.from(parsePrivateKey('host', privateKey).publicKey).toString('base64url');

/** @throws {Problem} `invalid-request` when one of them is none */
export const isKeyFor = (privateKey: string, certificate: string): boolean =>
  Buffer.from(parsePrivateKey('host', privateKey).publicKey).equals(
    parseCertificate(certificate).publicKey,
  );

function kept(path: string, make: () => string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const text = make();
    writeDurably(path, text);
    return text;
  }
}
