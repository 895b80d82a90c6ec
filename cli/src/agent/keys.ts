import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseCertificate } from '@cep/nebula/certificates';
import type { Curve } from '@cep/nebula/details';
import { parsePrivateKey, privateKeyPem } from '@cep/nebula/key-pem';
import { generateHostKeys } from '@cep/nebula/keys';
import { writeDurably } from '../durable-file.ts';
import { failure } from '../failure.ts';

/** The public halves, raw, base64url. */
export interface PublicKeys {
  /** X25519 or P-256, for the tunnels. */
  readonly tunnelKey: string;
  /** Ed25519, by which the host proves itself to the control plane. */
  readonly signingKey: string;
}

const tunnelFile = (folder: string) => join(folder, 'tunnel.key');
const nextTunnelFile = (folder: string) => join(folder, 'tunnel.next.key');

/**
 * The keys of this host, made the first time. They are safely on disk once this returns, so that an
 * enrolment whose answer was lost can be asked for again with the same ones.
 *
 * @param curve  that the network wants: a key of another, which was of no use there, makes room
 */
export function hostKeys(folder: string, curve?: Curve): PublicKeys {
  const first = kept(tunnelFile(folder), () => newTunnelKey(curve));
  const isWanted = curve === undefined || curveOf(first) === curve;
  const key = isWanted ? first : newTunnelKey(curve);
  if (!isWanted) writeDurably(tunnelFile(folder), key);
  const tunnelKey = publicHalf(key);
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
  publicHalf(
    kept(nextTunnelFile(folder), () =>
      newTunnelKey(curveOf(readFileSync(tunnelFile(folder), 'utf8'))),
    ),
  );

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

const newTunnelKey = (curve?: Curve): string => privateKeyPem('host', generateHostKeys(curve));

const curveOf = (privateKey: string): Curve => parsePrivateKey('host', privateKey).curve;

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
