import { authenticateHost } from '@cep/contracts/agents';
import type { AnonymousCaller, UserCaller } from '@cep/contracts/caller';
import type { Endpoint } from '@cep/contracts/endpoint';
import type { HostCaller } from '@cep/contracts/host-caller';
import { Problem } from '@cep/contracts/problems';
import { authenticate } from '@cep/contracts/users';
import { networkOf, remoteAddress } from '@cep/http/address';
import { createClient } from '@cep/http/client';
import type { SignCaller } from '@cep/http/sign-caller';
import type { Request } from 'express';
import type { Limits } from './limits.ts';

interface Deps {
  readonly services: Readonly<Record<'accounts' | 'network', URL>>;
  readonly sign: SignCaller;
  readonly limits: Limits;
}

/**
 * On whose behalf a request is made. Asked anew for each request, so that what was revoked is
 * refused at once.
 *
 * @throws {Problem} `not-signed-in` for a wrong credential; `forbidden` for a project that is not
 *   theirs, and for what hosts may not ask; `wrong-clock` and `host-revoked` for hosts;
 *   `too-many-requests`; `unavailable` when who knows the credential is not reached
 */
export async function establishCaller(
  deps: Deps,
  { access }: Endpoint,
  req: Request,
  requestId: string,
): Promise<UserCaller | HostCaller | AnonymousCaller> {
  const { limits } = deps;
  const address = remoteAddress(req.socket);
  const network = networkOf(address);
  const header = req.get('authorization');
  if (access === 'anyone' || header !== undefined) await limits.mayTry(network);
  if (header === undefined) {
    await limits.unknown(network);
    return { kind: 'anonymous', address };
  }
  const secret = secretOf(header);
  const isHost = TOKEN_OF_HOST.test(secret);
  if (isHost && access !== 'host') throw new Problem('forbidden', 'A host may not ask this.');
  try {
    const ask = isHost ? askNetwork : askAccounts;
    const caller = await ask(deps, secret, req, requestId);
    await limits.known(caller.kind === 'host' ? caller.hostId : caller.tokenId);
    return caller;
  } catch (error) {
    const problem = Problem.from(error);
    if (problem.code === 'not-signed-in') await limits.wrong(network);
    if (problem.code !== 'unavailable') throw error;
    const service = isHost ? 'network' : 'accounts';
    const sentence = `${service} is not reachable right now. Try again in a moment.`;
    throw new Problem('unavailable', sentence, { cause: error });
  }
}

/** A compact JWS; what people hold has no dots. */
const TOKEN_OF_HOST = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Longer ones are rubbish, which stops here: accounts would not take them, nor network. */
const MAX_LENGTH = { user: 256, host: 1024 };

async function askAccounts(
  { services, sign }: Deps,
  secret: string,
  req: Request,
  requestId: string,
): Promise<UserCaller> {
  const token = await sign({ kind: 'gateway' }, 'accounts');
  const client = createClient({ url: services.accounts, token, requestId });
  const project = req.get('cep-project');
  const body = { secret, ...(project !== undefined && { project }) };
  return client.call(authenticate, { body });
}

async function askNetwork(
  { services, sign }: Deps,
  secret: string,
  _req: Request,
  requestId: string,
): Promise<HostCaller> {
  const token = await sign({ kind: 'gateway' }, 'network');
  const client = createClient({ url: services.network, token, requestId });
  return client.call(authenticateHost, { body: { token: secret } });
}

/** RFC 6750, 2.1. */
function secretOf(header: string): string {
  const secret = /^Bearer ([\w.~+/-]+=*)$/i.exec(header)?.[1];
  if (secret && secret.length <= MAX_LENGTH[TOKEN_OF_HOST.test(secret) ? 'host' : 'user'])
    return secret;
  throw new Problem('not-signed-in', 'The credential is not a bearer token. Use "cep login".');
}
