import { webcrypto, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

const LIFETIME_DAYS = 3_650;

/** Clocks of other machines may be behind. */
const LEEWAY_MS = 24 * 60 * 60 * 1_000;

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/**
 * A certificate that vouches for itself (RFC 5280), for ten years.
 *
 * @param privateKey  P-256, PKCS #8, DER
 * @param names  DNS names and IP addresses; the first is the subject's
 * @returns PEM
 */
export async function selfSigned(
  privateKey: Uint8Array<ArrayBuffer>,
  publicKey: Uint8Array<ArrayBuffer>,
  names: readonly string[],
): Promise<string> {
  // Loaded only here: it is large, and needed once in the life of an installation.
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const { subtle } = webcrypto;
  const keys = {
    privateKey: await subtle.importKey('pkcs8', privateKey, ALGORITHM, false, ['sign']),
    publicKey: await subtle.importKey('spki', publicKey, ALGORITHM, true, ['verify']),
  };
  const notBefore = new Date(Date.now() - LEEWAY_MS);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=cep ${names[0] ?? ''}`,
    notBefore,
    notAfter: new Date(notBefore.getTime() + LIFETIME_DAYS * 86_400_000),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value })),
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return `${certificate.toString('pem')}\n`;
}

/** What people compare: the SHA-256 of a certificate, as the CLI writes it: `sha256:` and hexadecimal digits. @param certificate  PEM */
export const fingerprint = (certificate: string): string =>
  `sha256:${new X509Certificate(certificate).fingerprint256.replaceAll(':', '').toLowerCase()}`;
