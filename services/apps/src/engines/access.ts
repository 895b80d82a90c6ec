/** How an engine of another machine is to be reached, as it was asked for. Pure. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { Problem } from '@cep/contracts/problems';
import type { Access, Credentials } from '../engine/connection.ts';

const PORT = '2376';

/**
 * @param now  milliseconds since 1970
 * @throws {Problem} `invalid-request` that names the member and says what would do
 */
export function readAccess(
  { url, ...credentials }: Credentials & { readonly url: string },
  now: number,
): Required<Access> {
  return { url: readUrl(url), credentials: readCredentials(credentials, now) };
}

/** @returns `https://host:port` */
export function readUrl(given: string): string {
  const wrong = (sentence: string) => new Problem('invalid-request', `body/url: ${sentence}`);
  if (!URL.canParse(given)) throw wrong('give https://HOST:PORT.');
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(given);
  if (protocol === 'http:' || protocol === 'tcp:') {
    throw wrong(
      'whoever reaches a Docker without TLS owns its machine, so cep does not use one. Start dockerd with --tlsverify, and give https://HOST:PORT.',
    );
  }
  if (protocol !== 'https:') throw wrong('give https://HOST:PORT.');
  if (username || password) throw wrong('leave out the name and the password: certificates do it.');
  if (pathname !== '/' || search || hash) throw wrong('leave out what comes after the port.');
  // Without a port in it, a URL has that of its protocol, or none was typed.
  const typed = port || (/:443\/?$/.test(given) ? '443' : PORT);
  return `https://${hostname}:${typed}`;
}

function readCredentials({ ca, certificate, key }: Credentials, now: number): Credentials {
  const authority = readCertificate('ca', ca);
  if (!authority.ca) throw wrong('ca', 'it is no authority: give the CA that signed the engine’s');
  assertValid('ca', authority, now);
  const own = readCertificate('certificate', certificate);
  assertValid('certificate', own, now);
  if (!own.checkPrivateKey(readKey(key))) throw wrong('key', 'it is not that of the certificate');
  return { ca, certificate, key };
}

function readCertificate(member: string, pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw wrong(member, 'it is no certificate in PEM', cause);
  }
}

function readKey(pem: string) {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    const locked = /ENCRYPTED/.test(pem);
    // The cause may quote what it could not read.
    if (!locked) throw wrong('key', 'it is no private key in PEM');
    const next = 'take its password off with "openssl pkey -in key.pem -out plain.pem"';
    throw wrong('key', `it is locked with a password: ${next}`, cause);
  }
}

function assertValid(member: string, { validFromDate, validToDate }: X509Certificate, now: number) {
  if (validToDate.getTime() < now) {
    throw wrong(member, `it has expired at ${validToDate.toISOString()}`);
  }
  if (validFromDate.getTime() > now) {
    throw wrong(member, `it is not valid before ${validFromDate.toISOString()}`);
  }
}

const wrong = (member: string, sentence: string, cause?: unknown) =>
  new Problem('invalid-request', `body/${member}: ${sentence}.`, { cause });

/** When a certificate ends. */
export const expiryOf = (certificate: string): string =>
  new X509Certificate(certificate).validToDate.toISOString();

/** @throws {Problem} `invalid-request` for what no app may be bound to */
export function readAddresses(addresses: readonly string[]): string[] {
  for (const address of addresses) {
    if (!/^(0|127|22[4-9]|2[3-5]\d)\./.test(address)) continue;
    throw new Problem(
      'invalid-request',
      `body/addresses: ${address} is no address of one machine.`,
    );
  }
  return [...new Set(addresses)];
}

/** The IPv4 address in a URL, if it has one in place of a name. */
export function addressIn(url: string): string | undefined {
  const { hostname } = new URL(url);
  return isIPv4(hostname) ? hostname : undefined;
}
