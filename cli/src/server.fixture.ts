/**
 * What the CLI speaks to in its tests: the contracts on the real HTTP stack, with fixed answers.
 * Whoever shows `Bearer good` is Ada.
 */
import { randomUUID } from 'node:crypto';
import type { Caller } from '@cep/contracts/caller';
import { listen } from '@cep/http/listen';
import { notFound, problemHandler } from '@cep/http/problem-handler';
import { createLogger } from '@cep/logging/logger';
import express, { type RequestHandler, Router } from 'express';
import { makeCertificate } from './certificate.fixture.ts';

export const ada: Caller = {
  kind: 'user',
  userId: randomUUID(),
  username: 'ada',
  role: 'admin',
  projectId: randomUUID(),
  projectName: 'home',
  tokenId: randomUUID(),
};

export interface FixtureServer extends AsyncDisposable {
  readonly url: URL;
  /** PEM */
  readonly certificate: string;
  /** To be the same server once more. */
  readonly tls: Tls;
}

interface Tls {
  readonly key: string;
  readonly cert: string;
}

/** @param port  0 chooses a free one */
export async function startServer(
  mount: (router: Router) => void,
  { port = 0, host = '127.0.0.1', tls: known }: { port?: number; host?: string; tls?: Tls } = {},
): Promise<FixtureServer> {
  const router = Router();
  mount(router);
  const app = express()
    .use(express.json(), identify)
    .use(router)
    .use(notFound, problemHandler(createLogger('fixture')));
  const tls = known ?? (await makeCertificate());
  const { url, close } = await listen(app, { host, port, tls });
  return { url, certificate: tls.cert, tls, [Symbol.asyncDispose]: () => close(0) };
}

const identify: RequestHandler = (req, res, next) => {
  const anybody: Caller = { kind: 'anonymous', address: '127.0.0.1' };
  res.locals.caller = req.get('authorization') === 'Bearer good' ? ada : anybody;
  next();
};
