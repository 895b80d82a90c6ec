/** First contact with a server whose certificate no authority vouches for. */
import { X509Certificate } from 'node:crypto';
import { connect, type DetailedPeerCertificate } from 'node:tls';
import { Problem } from '@cep/contracts/problems';
import { wrongUsage } from './failure.ts';

export interface Shown {
  /** PEM */
  readonly certificate: string;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly fingerprint: string;
  /** The system trusts it: it need not be pinned. */
  readonly trusted: boolean;
}

const PATIENCE_MS = 10_000;

/** @throws {Problem} `unavailable` */
export function lookAt(url: URL): Promise<Shown> {
  const port = Number(url.port || 443);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, ...nameOf(host), rejectUnauthorized: false });
    const giveUp = (cause: NodeJS.ErrnoException) => {
      socket.destroy();
      const sentence = `cep is not reached at ${url.origin} (${cause.code ?? cause.message}). Is it running?`;
      reject(new Problem('unavailable', sentence, { cause }));
    };
    socket.setTimeout(PATIENCE_MS, () => giveUp(new Error('no answer')));
    socket.once('error', giveUp).once('secureConnect', () => {
      resolve(toShown(socket.getPeerCertificate(true), socket.authorized));
      socket.end();
    });
  });
}

/** TLS forbids addresses as server names. */
const nameOf = (host: string) => (/^[\d.]+$|:/.test(host) ? {} : { servername: host });

function toShown({ raw }: DetailedPeerCertificate, trusted: boolean): Shown {
  const certificate = new X509Certificate(raw);
  return { certificate: certificate.toString(), fingerprint: fingerprintOf(certificate), trusted };
}

/** @param certificate  PEM, or what was read of it */
export function fingerprintOf(certificate: string | X509Certificate): string {
  const { fingerprint256 } =
    typeof certificate === 'string' ? new X509Certificate(certificate) : certificate;
  return `sha256:${fingerprint256.replaceAll(':', '').toLowerCase()}`;
}

/**
 * The one way to write a fingerprint, of the several that people paste.
 *
 * @throws {CLIError} when it is none
 */
export function parseFingerprint(text: string): string {
  const digits = text
    .replace(/^sha256[:=]?/i, '')
    .replace(/[:\s]/g, '')
    .toLowerCase();
  if (/^[0-9a-f]{64}$/.test(digits)) return `sha256:${digits}`;
  throw wrongUsage(`"${text}" is not a fingerprint: it is sha256: and 64 hexadecimal digits.`);
}
