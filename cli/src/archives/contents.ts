/** What a host that is not live is given: everything that a plain nebula needs. Pure. */
import type { Bundle } from '@cep/contracts/bundle';
import { checker } from '@cep/contracts/check';
import { closed, DnsLabel, type Static, Type } from '@cep/contracts/schema';
import { certificatePem, parseCertificate, parseCertificates } from '@cep/nebula/certificates';
import { renderConfig } from '@cep/nebula/config';
import { ownCertificates } from '@cep/nebula/config-checks';
import type { SignedBundle } from '../agent/bundle.ts';
import { nebulaSettings } from '../agent/nebula-settings.ts';
import { failure } from '../failure.ts';
import type { Texts } from './tar.ts';

/** The oldest that can be on the network: what it takes every later one takes. */
const oldestFor = ({ certificate }: Bundle): string =>
  parseCertificate(certificate).curve === 'p256' ? '1.7.0' : '1.6.1';

const FILES = { ca: 'ca.crt', cert: 'host.crt', key: 'host.key' };

/** What "cep host import" goes by; nebula does not look at it. */
const Manifest = closed({
  format: Type.Literal(1),
  network: DnsLabel,
  host: DnsLabel,
  bundle: Type.String({ description: 'compact JWS (RFC 7515) over a bundle' }),
  bundleKey: Type.String({ description: 'that it is signed with' }),
});

/** A host in a file: who has it is the host. */
export interface Portable {
  readonly signed: SignedBundle;
  readonly bundle: Bundle;
  /** PEM */
  readonly privateKey: string;
  /** The oldest that is to run it; absent: the oldest that can be on its network. */
  readonly nebulaVersion?: string | undefined;
}

function planOf({ bundle, privateKey, nebulaVersion = oldestFor(bundle) }: Portable) {
  const settings = nebulaSettings(bundle, nebulaVersion);
  return { settings, options: { privateKey, nebulaVersion } };
}

/** One file with everything in it, as the Nebula apps for phones take it. */
export function toConfig(portable: Portable): string {
  const { settings, options } = planOf(portable);
  return renderConfig(settings, options);
}

/** Files of one folder, in which `nebula -config config.yml` runs as it is. */
export function toTexts(portable: Portable): Texts {
  const { signed, bundle, privateKey } = portable;
  const { settings, options } = planOf(portable);
  const manifest: Static<typeof Manifest> = {
    ...{ format: 1, network: bundle.network.name, host: bundle.host.name },
    ...{ bundle: signed.bundle, bundleKey: signed.bundleKey },
  };
  return {
    'config.yml': renderConfig(settings, { ...options, files: FILES }),
    [FILES.ca]: settings.authorities.flatMap(parseCertificates).map(certificatePem).join(''),
    [FILES.cert]: ownCertificates(settings).map(certificatePem).join(''),
    [FILES.key]: privateKey,
    'manifest.json': `${JSON.stringify(manifest, undefined, 2)}\n`,
  };
}

/** What was packed, as it is told: nothing of it was verified yet. */
export interface Claimed {
  readonly network: string;
  readonly host: string;
  readonly signed: SignedBundle;
  readonly privateKey: string;
}

/** @throws {CLIError} when something is missing */
export function fromTexts(texts: Texts): Claimed {
  const { network, host, bundle, bundleKey } = manifestOf(texts);
  const privateKey = texts[FILES.key];
  if (privateKey === undefined) throw refused(`${FILES.key} is missing`);
  return { network, host, privateKey, signed: { bundle, bundleKey } };
}

const checkManifest = checker(Manifest, 'manifest.json');

function manifestOf({ 'manifest.json': text }: Texts): Static<typeof Manifest> {
  if (text === undefined) throw refused('manifest.json is missing');
  try {
    return checkManifest(JSON.parse(text));
  } catch (cause) {
    throw refused(`manifest.json cannot be read (${(cause as Error).message})`, { cause });
  }
}

const refused = (why: string, options?: ErrorOptions) =>
  failure(`This is not an archive that "cep host bundle" made: ${why}.`, options);
