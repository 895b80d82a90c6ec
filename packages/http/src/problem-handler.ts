import { Problem } from '@cep/contracts/problems';
import type { Logger } from '@cep/logging/logger';
import type { ErrorRequestHandler, RequestHandler } from 'express';

/** Answers what no route took. */
export const notFound: RequestHandler = (req) => {
  throw new Problem('not-found', `There is nothing at ${req.method} ${req.path}.`);
};

/** The last middleware: whatever was thrown leaves as `application/problem+json`. */
export const problemHandler =
  (log: Logger): ErrorRequestHandler =>
  (thrown, req, res, _next) => {
    const problem = toProblem(thrown);
    const requestId = req.get('x-request-id');
    if (problem.code === 'internal') {
      log.error('request failed', { requestId, method: req.method, path: req.path, thrown });
    }
    if (res.headersSent) {
      // A stream that has said itself how it ended is let go on to its reader.
      if (!res.writableEnded) res.destroy();
      return;
    }
    const document = { ...problem.toJSON(), instance: req.originalUrl, requestId };
    res.status(document.status).set(headersFor(problem, document.status));
    res.type('application/problem+json').json(document);
  };

/** What HTTP itself asks of some failures (RFC 9110, 11.6.1 and 10.2.3). */
function headersFor({ members }: Problem, status: number): Record<string, string> {
  const { retryAfterSeconds } = members;
  return {
    ...(status === 401 && { 'www-authenticate': 'Bearer' }),
    ...(typeof retryAfterSeconds === 'number' && { 'retry-after': String(retryAfterSeconds) }),
  };
}

/** express and its parsers throw errors that carry a status; those are the caller's doing. */
function toProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  const { status, type } = thrown as { status?: number; type?: string };
  if (status === 413)
    return new Problem('payload-too-large', 'The body is larger than is allowed.');
  if (status === 415)
    return new Problem('unsupported-media-type', 'Send UTF-8 JSON, uncompressed.');
  if (type === 'entity.parse.failed') return new Problem('invalid-request', 'body is not JSON.');
  if (status !== undefined && status >= 400 && status < 500) {
    return new Problem('invalid-request', 'The request cannot be read.', { cause: thrown });
  }
  return Problem.from(thrown);
}
