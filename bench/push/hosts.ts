/** Hosts as far as the API goes: made, and enrolled with keys of their own. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createHost, enrolHost } from '@cep/contracts/hosts';
import type { Client } from '@cep/http/client';

/** Requests under way at a time. */
const AT_ONCE = 16;

export interface Host {
  readonly id: string;
  readonly network: string;
  readonly name: string;
  /** PEM */
  readonly signingKey: string;
  /** Of the bundle that it has. */
  version: number;
}

export async function enrolAll(client: Client, names: readonly string[]): Promise<Host[]> {
  const hosts: Host[] = [];
  const waiting = [...names];
  const enrolNext = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      hosts.push(await enrol(client, name));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, enrolNext));
  return hosts;
}

/** @param publicAddress  makes it a lighthouse */
export async function enrol(client: Client, name: string, publicAddress?: string): Promise<Host> {
  const reached = publicAddress !== undefined && { publicAddress };
  const { host, enrolment } = await client.call(createHost, {
    params: { network: 'home' },
    body: { name, lighthouse: publicAddress !== undefined, groups: [], ...reached },
  });
  const signing = generateKeyPairSync('ed25519');
  const x = (key: KeyObject) => key.export({ format: 'jwk' }).x ?? '';
  const { bundle } = await client.call(enrolHost, {
    params: { network: 'home', host: name },
    body: {
      code: enrolment.code,
      tunnelKey: x(generateKeyPairSync('x25519').publicKey),
      signingKey: x(signing.publicKey),
    },
  });
  const version = versionOf(bundle);
  const signingKey = signing.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { id: host.id, network: 'home', name, signingKey, version };
}

/**
 * The version that a bundle begins with. The rest is not read: a thousand machines would do so on
 * processors of their own, not on those that are measured here.
 */
export function versionOf(bundle: string): number {
  const payload = bundle.slice(bundle.indexOf('.') + 1).slice(0, 64);
  const [, version] =
    /^\{"version":(\d+),/.exec(Buffer.from(payload, 'base64url').toString()) ?? [];
  if (version === undefined)
    throw new Error('A bundle begins with another member than its version.');
  return Number(version);
}
