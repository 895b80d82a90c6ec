import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';

/** What concerns one connection only (RFC 9110, 7.6.1), and what is established here anew. */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'upgrade',
];

/** What a client may tell a service. Everything else stays out: who is calling is not its to say. */
const REQUEST_HEADERS = ['accept', 'content-type', 'content-length', 'transfer-encoding'];

/** @param token  the signed caller, in place of the client's own credential */
export function requestHeaders(
  from: IncomingHttpHeaders,
  token: string,
  requestId: string,
): OutgoingHttpHeaders {
  const kept = REQUEST_HEADERS.filter((name) => from[name] !== undefined);
  return {
    ...Object.fromEntries(kept.map((name) => [name, from[name]])),
    authorization: `Bearer ${token}`,
    'x-request-id': requestId,
  };
}

export function responseHeaders(from: IncomingHttpHeaders): OutgoingHttpHeaders {
  const named = String(from.connection ?? '')
    .toLowerCase()
    .split(/\s*,\s*/);
  const dropped = new Set([...HOP_BY_HOP, ...named, 'transfer-encoding', 'set-cookie']);
  return Object.fromEntries(Object.entries(from).filter(([name]) => !dropped.has(name)));
}

/** For answers that no browser should take for a page, keep, or show in another. */
export const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};
