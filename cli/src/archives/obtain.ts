import { enrolHost } from '@cep/contracts/hosts';
import { Problem } from '@cep/contracts/problems';
import type { Client } from '@cep/http/client';
import type { Curve } from '@cep/nebula/details';
import { privateKeyPem } from '@cep/nebula/key-pem';
import { generateHostKeys } from '@cep/nebula/keys';
import { openBundle } from '../agent/bundle.ts';
import type { Portable } from './contents.ts';

interface Request {
  readonly network: string;
  readonly host: string;
  readonly code: string;
  readonly revokeEarlier: boolean;
  /** What the machine has; absent: nobody knows. */
  readonly nebulaVersion?: string | undefined;
}

/**
 * Makes a key, here, and exchanges the code for what the host is to be. Without a key to sign with
 * nobody can speak for it, so it is not live.
 *
 * @throws {Problem} `enrolment-refused`, `unfit-for-nebula`, `unavailable`
 * @throws {CLIError} when the answer is not to be trusted
 */
export async function obtain(client: Client, request: Request): Promise<Portable> {
  return obtainFor(client, request, 'curve25519').catch((error: unknown) => {
    const isOther = error instanceof Problem && error.code === 'wrong-curve';
    if (isOther) return obtainFor(client, request, 'p256');
    throw error;
  });
}

async function obtainFor(client: Client, request: Request, curve: Curve): Promise<Portable> {
  const { network, host, code, revokeEarlier, nebulaVersion } = request;
  const keys = generateHostKeys(curve);
  const tunnelKey = Buffer.from(keys.publicKey).toString('base64url');
  const body = {
    ...{ code, tunnelKey },
    ...(revokeEarlier && { revokeEarlier }),
    ...(nebulaVersion && { nebulaVersion }),
  };
  const ask = () => client.call(enrolHost, { params: { network, host }, body });
  // A lost answer: the same code and key are given the same again.
  const signed = await ask().catch((error: unknown) => {
    if (error instanceof Problem && error.code === 'unavailable') return ask();
    throw error;
  });
  const bundle = await openBundle(signed, { network, host });
  return { signed, bundle, privateKey: privateKeyPem('host', keys), nebulaVersion };
}
