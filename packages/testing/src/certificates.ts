/** Certificates for TLS in which both sides show one: an authority, and what it signs. */
import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const HOUR_MS = 3_600_000;

/** PEM. */
export interface Issued {
  readonly certificate: string;
  readonly key: string;
}

interface Wanted {
  readonly for: 'server' | 'client';
  /** DNS names and IP addresses. */
  readonly names?: readonly string[];
  /** Milliseconds from now; negative: it has expired. An hour when left out. */
  readonly lifetime?: number;
}

export interface Authority {
  /** PEM. */
  readonly certificate: string;
  issue(wanted: Wanted): Promise<Issued>;
}

export async function createAuthority(): Promise<Authority> {
  const name = 'CN=test authority';
  const keys = await newKeys();
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    ...{ name, keys, signingAlgorithm: ALGORITHM, ...validity(HOUR_MS) },
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  return {
    certificate: authority.toString('pem'),
    async issue({ for: side, names = [], lifetime = HOUR_MS }) {
      const own = await newKeys();
      const { serverAuth, clientAuth } = x509.ExtendedKeyUsage;
      const certificate = await x509.X509CertificateGenerator.create({
        ...{ subject: `CN=${side}`, issuer: name, signingAlgorithm: ALGORITHM },
        ...{ publicKey: own.publicKey, signingKey: keys.privateKey, ...validity(lifetime) },
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.ExtendedKeyUsageExtension([side === 'server' ? serverAuth : clientAuth]),
          new x509.SubjectAlternativeNameExtension(
            names.map((value) => ({ type: isIP(value) ? ('ip' as const) : 'dns', value })),
          ),
        ],
      });
      return { certificate: certificate.toString('pem'), key: await exported(own.privateKey) };
    },
  };
}

const newKeys = () => webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);

async function exported(key: webcrypto.CryptoKey): Promise<string> {
  const bytes = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  const lines = bytes.toString('base64').replaceAll(/.{64}/g, '$&\n').trimEnd();
  return `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`;
}

function validity(lifetime: number) {
  const now = Date.now();
  return { notBefore: new Date(now - 24 * HOUR_MS), notAfter: new Date(now + lifetime) };
}
