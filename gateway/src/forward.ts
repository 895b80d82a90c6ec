/** Carries one request to a service and its response back, both as streams. */
import { Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { Problem } from '@cep/contracts/problems';
import type { Request, Response } from 'express';
import { limitedTo } from './body-limit.ts';
import { requestHeaders, responseHeaders } from './headers.ts';

/** As much as every service takes (packages/http/src/app.ts). */
const MAX_BODY_BYTES = 1024 * 1024;

/** Until a service begins to answer; a stream that has begun may go on for ever. */
const FIRST_BYTE_MS = 60_000;

const agent = new Agent({ keepAlive: true, maxFreeSockets: 64 });

interface Target {
  readonly service: string;
  readonly url: URL;
  /** The signed caller. */
  readonly token: string;
  readonly requestId: string;
}

/**
 * Resolves when the response has been sent, or the client has gone away; then the service's end is
 * closed too.
 *
 * @throws {Problem} `payload-too-large`; `unavailable` when the service is not reached or dies
 *   before it answers. When it dies later, the client's connection is cut off.
 */
export async function forward(req: Request, res: Response, target: Target): Promise<void> {
  const declared = Number(req.get('content-length') ?? 0);
  if (declared > MAX_BODY_BYTES) throw tooLarge();
  const chunked = req.get('transfer-encoding') !== undefined;
  const body = chunked ? limitedTo(MAX_BODY_BYTES, req, tooLarge) : declared > 0 ? req : undefined;

  const upstream = open(req, target);
  res.once('close', () => upstream.destroy());
  const response = await answerOf(upstream, body, target.service);
  res.writeHead(response.statusCode ?? 502, responseHeaders(response.headers));
  res.flushHeaders();
  await new Promise<void>((resolve) => {
    // What fails from here on cannot be told any more: the client is cut off, too. A pipeline would do
    // this as well, and take more memory for each stream than the stream.
    response.once('error', () => res.destroy());
    res.once('close', resolve);
    response.pipe(res);
  });
}

function open(req: Request, { url, token, requestId }: Target): ClientRequest {
  return httpRequest(new URL(url), {
    agent,
    method: req.method,
    path: req.originalUrl,
    headers: requestHeaders(req.headers, token, requestId),
  });
}

function answerOf(
  upstream: ClientRequest,
  body: Readable | undefined,
  service: string,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => upstream.destroy(new Error('no answer')), FIRST_BYTE_MS);
    const fail = (cause: unknown) => {
      clearTimeout(late);
      reject(cause instanceof Problem ? cause : unreachable(service, cause));
    };
    upstream.on('error', fail);
    upstream.once('close', () => fail(new Error('closed before it answered')));
    upstream.once('response', (response: IncomingMessage) => {
      clearTimeout(late);
      resolve(response);
    });
    if (!body) {
      upstream.end();
      return;
    }
    body.once('error', (error) => upstream.destroy(error));
    body.pipe(upstream);
  });
}

const tooLarge = () =>
  new Problem('payload-too-large', `The body is larger than ${MAX_BODY_BYTES} bytes.`);

const unreachable = (service: string, cause: unknown) =>
  new Problem('unavailable', `${service} is not reachable right now. Try again in a moment.`, {
    cause,
  });
