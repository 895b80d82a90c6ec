import * as contract from '@cep/contracts/executions';
import { serve, serveEvents } from '@cep/http/serve';
import { Router } from 'express';
import type { Executions } from './executions.ts';

export function executionRoutes(executions: Executions): Router {
  const router = Router();
  serveEvents(router, contract.execute, (input, caller, signal) =>
    executions.execute(input, { caller, signal }),
  );
  serve(router, contract.steerExecution, (input, caller) => executions.steer(input, caller));
  return router;
}
