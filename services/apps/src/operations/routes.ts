import * as contract from '@cep/contracts/operations';
import { serve, serveEvents } from '@cep/http/serve';
import { Router } from 'express';
import type { Pool } from 'pg';
import { getOperation, watchOperation } from './operations.ts';
import type { Progress } from './progress.ts';

export function operationRoutes(deps: { readonly db: Pool; readonly progress: Progress }): Router {
  const router = Router();
  serve(router, contract.getOperation, (input, caller) => getOperation(deps, input, caller));
  serveEvents(router, contract.watchOperation, (input, caller, signal) =>
    watchOperation(deps, input, { caller, signal }),
  );
  return router;
}
