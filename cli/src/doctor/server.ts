/** Whether the server is reached, and what it says of itself. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { SystemHealth } from '@cep/contracts/health';
import type { Target } from '../server.ts';
import { type Finding, missing, ok } from './finding.ts';

const PATIENCE_MS = 5_000;

export async function checkServer(target: Target | undefined): Promise<Finding[]> {
  if (!target)
    return [
      missing('server', 'none is known here', 'npm start, or cep login ADDRESS of where it runs'),
    ];
  const { origin } = target.url;
  const health = await fetchHealth(target).catch((error: Error) => error);
  if (health instanceof Error) {
    const detail = `${origin} is not reached: ${health.message}`;
    return [missing('server', detail, 'npm start')];
  }
  return [
    ok('server', `${origin}, version ${health.version}`),
    ...Object.entries(health.services).flatMap(([service, { parts }]) =>
      Object.entries(parts).map(([part, state]) => {
        const name = `${service}: ${part}`;
        return state === 'ok' ? ok(name, state) : missing(name, state, 'see the server’s log');
      }),
    ),
    target.token
      ? ok('account', `signed in as ${target.username ?? 'the holder of CEP_TOKEN'}`)
      : missing('account', 'not signed in', `cep login ${origin}`),
  ];
}

/** `GET /health` answers 503 with the same body when something is wrong. */
async function fetchHealth(target: Target): Promise<SystemHealth> {
  const response = await get(new URL('/health', target.url), target.certificate);
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return JSON.parse(text) as SystemHealth;
}

function get(url: URL, certificate: string | undefined): Promise<IncomingMessage> {
  const tls = certificate && { ca: certificate, checkServerIdentity: () => undefined };
  const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = open(url, { timeout: PATIENCE_MS, ...tls }, resolve)
      .once('timeout', () => request.destroy(new Error('no answer')))
      .once('error', reject)
      .end();
  });
}
