import type { Health } from '@cep/contracts/health';
import { Problem } from '@cep/contracts/problems';
import type { Logger } from '@cep/logging/logger';
import express, { type Express, type RequestHandler, type Router } from 'express';
import { authenticate } from './authenticate.ts';
import { notFound, problemHandler } from './problem-handler.ts';

interface ServiceApp {
  readonly name: string;
  /** The gateway's, Ed25519, SPKI, as PEM. */
  readonly publicKey: string;
  readonly routers: readonly Router[];
  readonly health: () => Promise<Health>;
  readonly log: Logger;
}

/** What every service serves: `/health` to anybody, its routes to callers the gateway vouches for. */
export function serviceApp({ name, publicKey, routers, health, log }: ServiceApp): Express {
  const app = express().disable('x-powered-by').set('etag', false).set('query parser', 'simple');
  app.get('/health', async (_req, res) => {
    const report = await health();
    res.status(report.status === 'ok' ? 200 : 503).json(report);
  });
  app.use(authenticate(publicKey, name), onlyJson, express.json({ limit: '1mb' }));
  for (const router of routers) app.use(router);
  return app.use(notFound).use(problemHandler(log));
}

/** A body of another type would be passed over silently, and its members with it. */
const onlyJson: RequestHandler = (req, _res, next) => {
  const length = req.get('content-length');
  const hasBody = req.get('transfer-encoding') !== undefined || (length ?? '0') !== '0';
  if (hasBody && !req.is('application/json')) {
    throw new Problem('unsupported-media-type', 'Send the body as application/json.');
  }
  next();
};
