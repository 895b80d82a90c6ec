import { type IncomingMessage, type RequestOptions } from 'node:http';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import type { RunningGateway } from './service.ts';

interface Ask extends Pick<RequestOptions, 'method' | 'headers'> {
  readonly token?: string;
  /** Several are sent as chunks. */
  readonly body?: string | readonly string[];
  readonly signal?: AbortSignal;
}

/** Sends one request as it is told, over HTTPS with the gateway's certificate pinned. */
export function send(
  gateway: RunningGateway,
  path: string,
  ask: Ask = {},
): Promise<IncomingMessage> {
  const { method = 'GET', token, body, signal } = ask;
  const headers = {
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(typeof body === 'string' && { 'content-length': Buffer.byteLength(body) }),
    ...(ask.headers as Record<string, string>),
  };
  const tls = { ca: gateway.certificate, servername: 'localhost' };
  return new Promise((resolve, reject) => {
    const sent = request(new URL(gateway.url), {
      ...tls,
      method,
      path,
      headers,
      agent: false,
      ...(signal && { signal }),
    });
    sent.on('error', reject).on('response', resolve);
    for (const chunk of typeof body === 'string' ? [body] : (body ?? [])) sent.write(chunk);
    sent.end();
  });
}

export async function ask(gateway: RunningGateway, path: string, asked: Ask = {}) {
  const response = await send(gateway, path, asked);
  const body = await text(response);
  return {
    status: response.statusCode,
    headers: response.headers,
    body: JSON.parse(body || 'null') as Record<string, unknown>,
  };
}
