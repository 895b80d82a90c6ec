/** Many hosts in one process, as far as the protocol goes: connected, and noting what arrives when. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { pauseAfter } from '@cep/cli/agent/backoff';
import { hostToken } from '@cep/cli/agent/host-token';
import { type Host, versionOf } from './hosts.ts';

export interface Connected {
  readonly host: Host;
  /** When the latest bundle was here whole, as `performance.now()`; 0 before the first. */
  at: number;
  received: number;
  isConnected: boolean;
  /** When it was so, last. */
  connectedAt: number;
  /** What the last attempts to connect came to, other than a connection. */
  failures: number;
  stop(): void;
}

interface Where {
  readonly url: URL;
  /** PEM, of the gateway. */
  readonly certificate: string;
}

/** Connects one host to the gateway, and again whenever the connection is lost, as agents do. */
export function follow(host: Host, where: Where): Connected {
  const stopping = new AbortController();
  const connected: Connected = {
    ...{ host, at: 0, received: 0, isConnected: false, connectedAt: 0, failures: 0 },
    stop: () => stopping.abort(),
  };
  void (async () => {
    while (!stopping.signal.aborted) {
      const failure = await listen(connected, where, stopping.signal).catch((error) => error);
      connected.isConnected = false;
      connected.failures += 1;
      await sleep(pauseAfter(failure, connected.failures));
    }
  })();
  return connected;
}

async function listen(connected: Connected, { url, certificate: ca }: Where, signal: AbortSignal) {
  const { host } = connected;
  const authorization = `Bearer ${await hostToken(host.id, host.signingKey)}`;
  const path = `/v1/networks/${host.network}/hosts/${host.name}/bundles?have=${host.version}`;
  const options = { ca, agent, signal, checkServerIdentity: () => undefined };
  const sent = request(new URL(path, url), { ...options, headers: { authorization } }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`${host.name}: ${response.statusCode}`);
  Object.assign(connected, { isConnected: true, connectedAt: performance.now(), failures: 0 });
  let text = '';
  for await (const chunk of response.setEncoding('latin1')) {
    text += chunk;
    if (!text.endsWith('\n\n')) continue;
    const data = text.split('\n').findLast((line) => line.startsWith(BEGINNING));
    text = '';
    if (data === undefined) continue;
    connected.at = performance.now();
    connected.received += 1;
    host.version = versionOf(data.slice(BEGINNING.length));
  }
}

/** Of the data of an event: all that is before a bundle. */
const BEGINNING = 'data: {"bundle":"';

/** Every connection is its own, with a session of its own. */
const agent = new Agent({ keepAlive: false, maxCachedSessions: 0 });
