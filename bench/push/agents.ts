/** Many hosts in one process, as far as the protocol goes: connected, and noting what arrives when. */
import type { KeyObject } from 'node:crypto';
import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { SignJWT } from 'jose';

export interface Host {
  readonly id: string;
  readonly network: string;
  readonly name: string;
  readonly signingKey: KeyObject;
  readonly version: number;
}

export interface Connected {
  readonly request: ClientRequest;
  /** When the latest bundle was here whole, as `performance.now()`; 0 before the first. */
  at: number;
  received: number;
}

/** Connects one host to the gateway. */
export async function connect(host: Host, gateway: string, ca: string): Promise<Connected> {
  const iat = Math.floor(Date.now() / 1000);
  const claims = { iss: 'host', sub: host.id, aud: 'cep', iat, exp: iat + 60 };
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'EdDSA', kid: host.id })
    .sign(host.signingKey);
  const path = `/v1/networks/${host.network}/hosts/${host.name}/bundles?have=${host.version}`;
  const sent = request(new URL(path, gateway), {
    ...{ ca, servername: 'localhost', agent },
    headers: { authorization: `Bearer ${token}` },
  }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`${host.name}: ${response.statusCode}`);
  const connected: Connected = { request: sent, at: 0, received: 0 };
  let tail = '';
  response.on('data', (chunk: Buffer) => {
    const text = tail + chunk.toString('latin1');
    tail = text.slice(-1);
    if (chunk.length < 16 || !text.endsWith('\n\n')) return;
    connected.at = performance.now();
    connected.received += 1;
  });
  response.on('error', () => {});
  sent.on('error', () => {});
  return connected;
}

/** Every connection is its own, with a session of its own. */
const agent = new Agent({ keepAlive: false, maxCachedSessions: 0 });
