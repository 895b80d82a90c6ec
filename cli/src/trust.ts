import { confirm } from './ask.ts';
import { fingerprintOf, lookAt, parseFingerprint } from './certificate.ts';
import { failure } from './failure.ts';

interface Consent {
  /** PEM: what the server showed when it was met before. */
  readonly known?: string | undefined;
  /** The fingerprint that the certificate must have. */
  readonly pin?: string | undefined;
  /** Accept whatever is shown. */
  readonly yes?: boolean;
}

/**
 * Meets a server: decides with the user which certificate it may show from now on.
 *
 * @returns PEM to pin; nothing for plain HTTP, and where the system's trust is enough
 * @throws {CLIError} when the certificate has another fingerprint than `pin`, or is not accepted
 */
export async function meet(url: URL, { known, pin, yes }: Consent): Promise<string | undefined> {
  if (url.protocol === 'http:') return undefined;
  const expected = pin === undefined ? undefined : parseFingerprint(pin);
  const { certificate, fingerprint, trusted } = await lookAt(url);
  if (expected !== undefined) {
    if (fingerprint === expected) return certificate;
    throw failure(
      `${url.origin} shows the certificate ${fingerprint}, not the one expected: somebody may be in between. Nothing was sent.`,
    );
  }
  if (known !== undefined) {
    if (fingerprint === fingerprintOf(known)) return known;
    throw failure(
      `${url.origin} shows another certificate than before: ${fingerprint}. If it was replaced on purpose, give --pin ${fingerprint}.`,
    );
  }
  if (trusted) return undefined;
  if (!yes) {
    await confirm(
      `${url.origin} shows a certificate that this machine does not know yet:\n  ${fingerprint}\nIs it the one that "npm start" or "cep whoami" shows on the server?`,
      `${url.origin} shows the certificate ${fingerprint}. If it is the right one, give --pin ${fingerprint}.`,
    );
  }
  return certificate;
}
