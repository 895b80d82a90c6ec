import { randomUUID } from 'node:crypto';
import { api } from '@cep/contracts/api';
import type { AnonymousCaller, UserCaller } from '@cep/contracts/caller';
import type { Endpoint } from '@cep/contracts/endpoint';
import type { HostCaller } from '@cep/contracts/host-caller';
import { ownerOf, type ServiceName } from '@cep/contracts/services';
import { networkOf, remoteAddress } from '@cep/http/address';
import { notFound, problemHandler } from '@cep/http/problem-handler';
import type { SignCaller } from '@cep/http/sign-caller';
import type { Logger } from '@cep/logging/logger';
import express, { type Express, type RequestHandler, Router } from 'express';
import { accessLog, type Trace } from './access-log.ts';
import { establishCaller } from './callers.ts';
import { forward } from './forward.ts';
import { SECURITY_HEADERS } from './headers.ts';
import { systemHealth } from './health.ts';
import type { Limits } from './limits.ts';
import { openApi } from './openapi.ts';
import { version } from './version.ts';

interface Deps {
  readonly services: Readonly<Record<ServiceName, URL>>;
  readonly sign: SignCaller;
  readonly limits: Limits;
  readonly log: Logger;
}

/** Everything that cep answers to the outside: what the contracts declare, and what describes it. */
export function gatewayApp(deps: Deps): Express {
  const app = express().disable('x-powered-by').set('etag', false).set('query parser', 'simple');
  app.use(traced, accessLog(deps.log), described(deps), forwarded(deps));
  return app.use(notFound).use(problemHandler(deps.log));
}

/** The request's id is ours: what a client sends as one would let it write into our logs. */
const traced: RequestHandler = (req, res, next) => {
  const requestId = randomUUID();
  res.locals.trace = { requestId } satisfies Trace;
  req.headers['x-request-id'] = requestId;
  res.set({ ...SECURITY_HEADERS, 'x-request-id': requestId });
  next();
};

function described({ services, limits }: Deps): Router {
  const router = Router();
  const description = JSON.stringify(openApi(api));
  router.use(['/health', '/openapi.json'], async (req, res, next) => {
    res.locals.trace.route = req.baseUrl;
    await limits.unknown(networkOf(remoteAddress(req.socket)));
    next();
  });
  router.get('/', (_req, res) => {
    res.json({ name: 'cep', version, description: '/openapi.json', health: '/health' });
  });
  router.get('/openapi.json', (_req, res) => {
    res.type('json').send(description);
  });
  router.get('/health', async (_req, res) => {
    const report = await systemHealth(services);
    res.status(report.status === 'ok' ? 200 : 503).json(report);
  });
  return router;
}

/** A route for each endpoint that the outside may call, so that nothing else is ever forwarded. */
function forwarded(deps: Deps): Router {
  const router = Router({ caseSensitive: true });
  for (const endpoint of Object.values(api)) {
    const service = ownerOf(endpoint.path);
    if (endpoint.access === 'gateway' || !service) continue;
    router[endpoint.method](endpoint.path, forwarder(deps, endpoint, service));
  }
  return router;
}

function forwarder(deps: Deps, endpoint: Endpoint, service: ServiceName): RequestHandler {
  const { services, sign, limits } = deps;
  return async (req, res, next) => {
    // Only what the contracts declare: express takes HEAD for GET, and streams know nothing of it.
    if (req.method !== endpoint.method.toUpperCase()) {
      next();
      return;
    }
    const trace: Trace = res.locals.trace;
    const { requestId } = trace;
    trace.route = endpoint.path;
    const network = networkOf(remoteAddress(req.socket));
    const caller = await establishCaller(deps, endpoint, req, requestId);
    if (caller.kind === 'user') trace.userId = caller.userId;
    if (caller.kind === 'user' && caller.isOutsider) trace.supervised = caller.projectName;
    if (caller.kind === 'host') trace.hostId = caller.hostId;
    const end = limits.begin(partyOf(caller));
    try {
      const token = await sign(caller, service);
      await forward(req, res, { service, url: services[service], token, requestId });
      if (endpoint.access === 'anyone' && REFUSED.has(res.statusCode)) {
        await limits.wrong(network).catch(() => {});
      }
    } finally {
      end();
    }
  };
}

/** What wrong passwords and codes are answered with. */
const REFUSED = new Set([401, 403]);

/** Whose requests are counted together. */
function partyOf(caller: UserCaller | HostCaller | AnonymousCaller): string {
  switch (caller.kind) {
    case 'user':
      return caller.tokenId;
    case 'host':
      return caller.hostId;
    case 'anonymous':
      return networkOf(caller.address);
  }
}
