/** A gateway before services of the test's own, which speak as ours do. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authenticateHost } from '@cep/contracts/agents';
import type { Caller, UserCaller } from '@cep/contracts/caller';
import type { HostCaller } from '@cep/contracts/host-caller';
import { Problem } from '@cep/contracts/problems';
import { authenticate } from '@cep/contracts/users';
import { serviceApp } from '@cep/http/app';
import { type Listening, listen } from '@cep/http/listen';
import { serve } from '@cep/http/serve';
import type { Logger } from '@cep/logging/logger';
import express, { type RequestHandler, Router } from 'express';
import { type RunningGateway, startGateway } from './service.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
export const callerKeys = {
  private: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  public: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
};

export const TOKEN = 'cep_of-alice';

const alice: UserCaller = {
  kind: 'user',
  userId: '00000000-0000-4000-8000-00000000000a',
  username: 'alice',
  role: 'user',
  projectId: '00000000-0000-4000-8000-00000000000b',
  projectName: 'home',
  tokenId: '00000000-0000-4000-8000-00000000000c',
};

export const silent = { info() {}, warn() {}, error() {} };

/** A service of this name whose routes are `router`'s. */
export function startService(name: string, router: Router): Promise<Listening> {
  const health = async () => ({ status: 'ok' as const, parts: {} });
  const app = serviceApp({
    name,
    publicKey: callerKeys.public,
    routers: [router],
    health,
    log: silent,
  });
  return listen(app, { host: '127.0.0.1', port: 0 });
}

/** Knows one token, a project of its holder, and one of others. */
function accountsRouter(): Router {
  const router = Router();
  serve(router, authenticate, async ({ body: { secret, project } }) => {
    if (secret !== TOKEN) throw new Problem('not-signed-in', 'The token is wrong.');
    if (project === 'others') return { ...alice, projectName: project, isOutsider: true };
    if (project && project !== 'home') throw new Problem('forbidden', `Not yours: "${project}".`);
    return alice;
  });
  return router;
}

export const HOST_TOKEN = 'header.of-laptop.signature';

const laptop: HostCaller = {
  kind: 'host',
  hostId: '00000000-0000-4000-8000-00000000000d',
  networkId: '00000000-0000-4000-8000-00000000000e',
  network: 'home',
  host: 'laptop',
};

/** A network service that knows one host, and answers everything else with what it saw. */
export function networkRouter(): Router {
  const router = Router();
  serve(router, authenticateHost, async ({ body: { token } }) => {
    if (token === 'header.of-thief.signature') throw new Problem('host-revoked', 'Revoked.');
    if (token !== HOST_TOKEN) throw new Problem('not-signed-in', 'The token is wrong.');
    return laptop;
  });
  return router.use(mirror);
}

/** What a service was told, as it was told. */
export interface Seen {
  readonly headers: Record<string, unknown>;
  readonly caller: Caller;
  readonly body: unknown;
}

/** Answers every request with what it saw of it. */
export const mirror: RequestHandler = (req, res) => {
  res.json({
    headers: req.headers,
    caller: res.locals.caller,
    body: req.body ?? null,
  } satisfies Seen);
};

/** A service without cep's manners, for what happens on the wire. */
export const startRaw = (handler: RequestHandler): Promise<Listening> =>
  listen(express().use(handler), { host: '127.0.0.1', port: 0 });

interface Options {
  readonly apps?: Listening;
  readonly network?: Listening;
  readonly requestsPerMinute?: number;
  readonly log?: Logger;
}

/** Nothing listens there. */
const NOWHERE = 'http://127.0.0.1:9';

export async function startTestGateway(options: Options = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'cep-gateway-'));
  const accounts = await startService('accounts', accountsRouter());
  const gateway: RunningGateway = await startGateway(
    {
      HOST: '127.0.0.1',
      PORT: 0,
      HTTP_PORT: 0,
      TLS_DIR: folder,
      NAMES: '',
      CALLER_KEY: callerKeys.private,
      ACCOUNTS_URL: accounts.url.href,
      APPS_URL: options.apps?.url.href ?? NOWHERE,
      NETWORK_URL: options.network?.url.href ?? NOWHERE,
      REQUESTS_PER_MINUTE: options.requestsPerMinute ?? 10_000,
    },
    { log: options.log ?? silent },
  );
  return {
    ...gateway,
    async stop() {
      await gateway.stop();
      await Promise.all([accounts.close(0), options.apps?.close(0), options.network?.close(0)]);
      await rm(folder, { recursive: true });
    },
  };
}
