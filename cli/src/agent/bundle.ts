import { Bundle } from '@cep/contracts/bundle';
import { checker } from '@cep/contracts/check';
import { compactVerify, importJWK } from 'jose';
import { failure } from '../failure.ts';

/** What a host has been told to be, and the key that it was signed with. */
export interface SignedBundle {
  /** Compact JWS. */
  readonly bundle: string;
  /** Ed25519, base64url: pinned at the first enrolment. */
  readonly bundleKey: string;
}

interface Expected {
  readonly network: string;
  readonly host: string;
  /** What this host has already. */
  readonly current?: Bundle | undefined;
}

/**
 * @throws {CLIError} when it is not signed with its key, when it is for another host, and when it
 *   is older than what the host has
 */
export async function openBundle(signed: SignedBundle, expected: Expected): Promise<Bundle> {
  const bundle = await verify(signed);
  const { network, host, current } = expected;
  if (bundle.network.name !== network || bundle.host.name !== host) {
    throw refused(`is for ${bundle.host.name} of ${bundle.network.name}`);
  }
  if (current && current.host.id !== bundle.host.id) {
    throw refused(`is for another host that was once called ${host}`);
  }
  if (current && bundle.version < current.version) {
    throw refused(`has version ${bundle.version}, older than version ${current.version} here`);
  }
  return bundle;
}

async function verify({ bundle, bundleKey }: SignedBundle): Promise<Bundle> {
  try {
    const key = await importJWK({ kty: 'OKP', crv: 'Ed25519', x: bundleKey }, 'EdDSA');
    const { payload } = await compactVerify(bundle, key, { algorithms: ['EdDSA'] });
    return checkBundle(JSON.parse(new TextDecoder().decode(payload)));
  } catch (cause) {
    throw refused('is not signed as it should be', { cause });
  }
}

const checkBundle = checker(Bundle, 'bundle');

const refused = (why: string, options?: ErrorOptions) =>
  failure(`The configuration ${why}: nothing was changed.`, options);
