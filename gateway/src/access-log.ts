import type { Logger } from '@cep/logging/logger';
import type { RequestHandler } from 'express';

/** What is known of a request by the time that it ends. */
export interface Trace {
  readonly requestId: string;
  /** As the contracts name it; what was typed may hold secrets. */
  route?: string;
  userId?: string;
  /** The name of a project that is asked by an administrator who is no member of it. */
  supervised?: string;
  hostId?: string;
}

/** One line for each request when it ends; neither its credential, its path nor its query. */
export const accessLog =
  (log: Logger): RequestHandler =>
  (req, res, next) => {
    const start = performance.now();
    res.once('close', () => {
      const { requestId, route = 'none', userId, hostId, supervised }: Trace = res.locals.trace;
      const ms = Math.round(performance.now() - start);
      const { method } = req;
      const cut = res.writableFinished ? undefined : true;
      const who = { requestId, userId, hostId, supervised };
      log.info('request', { method, route, status: res.statusCode, ms, ...who, cut });
    });
    next();
  };
