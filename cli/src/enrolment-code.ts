import { createEnrolment } from '@cep/contracts/hosts';
import { type Client, createClient } from '@cep/http/client';
import type { ServerAddress } from './agent/enrolment.ts';
import { failure } from './failure.ts';
import type { Target } from './server.ts';
import { meet } from './trust.ts';

interface Request {
  readonly network: string;
  readonly host: string;
  readonly code?: string | undefined;
  readonly pin?: string | undefined;
  readonly yes: boolean;
}

/**
 * What it takes to become a host: a client of the server, and a code. With a code nobody need be
 * signed in on this machine; without one the server is asked for it.
 *
 * @param target  the server, as far as it is known here
 */
export async function enrolmentCode(
  request: Request,
  target: Target | undefined,
  signedIn: () => Promise<Client>,
): Promise<{ readonly client: Client; readonly code: string; readonly server: ServerAddress }> {
  const { network, host } = request;
  if (request.code === undefined) {
    const client = await signedIn();
    const { code } = await client.call(createEnrolment, { params: { network, host } });
    return { client, code, server: addressOf(target?.url, target?.certificate) };
  }
  if (!target) throw failure('It is not known where cep runs: give --server with the address.');
  const known = request.pin === undefined ? target.certificate : undefined;
  const pinned = known ?? (await meet(target.url, request));
  return {
    client: createClient({ url: target.url, ...(pinned && { pinned }) }),
    code: request.code,
    server: addressOf(target.url, pinned),
  };
}

const addressOf = (url: URL | undefined, certificate: string | undefined): ServerAddress => ({
  url: url?.origin ?? '',
  ...(certificate && { certificate }),
});
