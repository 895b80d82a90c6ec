import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Endpoint, Input, Reply, StreamEvent } from '@cep/contracts/endpoint';
import { Problem, type ProblemDocument } from '@cep/contracts/problems';
import { readEvents, unbroken } from './events.ts';

interface Server {
  readonly url: URL;
  /** Sent as bearer token. */
  readonly token?: string;
  /** Name of the project to act in; the caller's own when absent. */
  readonly project?: string;
  /** The one certificate, as PEM, that the server may show. Absent: what the system trusts. */
  readonly pinned?: string;
  /** Of the request that this one is part of, so that both are found in the logs. */
  readonly requestId?: string;
  readonly signal?: AbortSignal;
  /** A connection on which nothing moves for so long is given up; a stream has heartbeats. */
  readonly silenceMs?: number;
}

export interface Client {
  /** Calls any endpoint, and throws the very {@link Problem} the server sent. */
  call<E extends Endpoint>(endpoint: E, input: Input<E>): Promise<Reply<E>>;
  /** Calls an endpoint that declares `events`. */
  stream<E extends Endpoint>(endpoint: E, input: Input<E>): Promise<AsyncIterable<StreamEvent<E>>>;
}

/**
 * A client of the gateway, or of one service. It uses node:http rather than fetch because fetch can
 * neither pin a certificate nor be loaded as fast.
 *
 * @throws {Problem} from its calls: what the server sent, or `unavailable` when it was not reached
 */
export function createClient(server: Server): Client {
  return {
    async call(endpoint, input) {
      const response = await send(server, endpoint, input);
      const text = await readAll(response);
      return (endpoint.status === 204 ? undefined : parseJson(text)) as Reply<typeof endpoint>;
    },
    async stream(endpoint, input) {
      const response = await send(server, endpoint, input);
      return readEvents(response) as AsyncIterable<StreamEvent<typeof endpoint>>;
    },
  };
}

/** What contracts allow in a path or a query is a plain word, a number or a yes or no. */
type Words = Readonly<Record<string, string | number | boolean | undefined>>;
interface Parts {
  readonly params?: Words;
  readonly query?: Words;
  readonly body?: object;
}

async function send(server: Server, endpoint: Endpoint, input: object): Promise<IncomingMessage> {
  const { params = {}, query = {}, body } = input as Parts;
  const url = new URL(fill(endpoint.path, params), server.url);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const response = await open(server, url, endpoint.method, body && JSON.stringify(body));
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return response;
  throw toProblem(await readAll(response), server.url);
}

/** `fill('/v1/networks/:network', { network: 'home' })` is `/v1/networks/home`. */
const fill = (path: string, params: Words): string =>
  path.replace(/:(\w+)/g, (_, name) => encodeURIComponent(String(params[name] ?? '')));

function open(server: Server, url: URL, method: string, body?: string): Promise<IncomingMessage> {
  const headers = {
    ...(server.token && { authorization: `Bearer ${server.token}` }),
    ...(server.project && { 'cep-project': server.project }),
    ...(server.requestId && { 'x-request-id': server.requestId }),
    ...(body !== undefined && {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
    }),
  };
  const tls = server.pinned && { ca: server.pinned, checkServerIdentity: () => undefined };
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const { signal, silenceMs: timeout } = server;
  const options = { ...tls, ...(signal && { signal }), ...(timeout && { timeout }) };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: method.toUpperCase(), headers, ...options });
    sent
      .on('error', (cause) => reject(unreachable(server, cause)))
      .on('timeout', () => {
        // Node's agent has a timeout of its own, for connections that nobody uses.
        if (timeout) sent.destroy(new Error('nothing was heard for too long'));
      })
      .on('response', resolve)
      .end(body);
  });
}

function unreachable({ url, signal, pinned }: Server, cause: NodeJS.ErrnoException): Error {
  if (signal?.aborted) return cause;
  if (/^CERT_(NOT_YET_VALID|HAS_EXPIRED)$/.test(cause.code ?? '')) {
    const sentence = `${url.origin} shows a certificate that is not valid at this time: is the clock of this machine right?`;
    return new Problem('unavailable', sentence, { cause });
  }
  const certificate = /CERT|SIGNATURE|SELF_SIGNED/.test(cause.code ?? '');
  const stranger = pinned ? 'another certificate than before' : 'a certificate not known here';
  const sentence = certificate
    ? `${url.origin} shows ${stranger}: run "cep login ${url.origin}" to look at it.`
    : `cep is not reached at ${url.origin} (${cause.code ?? cause.message}). Is it running?`;
  return new Problem('unavailable', sentence, { cause });
}

async function readAll(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of unbroken<string>(response.setEncoding('utf8'))) text += chunk;
  return text;
}

function toProblem(text: string, url: URL): Problem {
  const document = parseJson(text) as Partial<ProblemDocument> | undefined;
  if (typeof document?.type === 'string' && typeof document.detail === 'string') {
    return Problem.parse(document as ProblemDocument);
  }
  return new Problem('unavailable', `What answers at ${url.origin} is not cep.`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
