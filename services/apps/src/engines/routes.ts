import * as contract from '@cep/contracts/engines';
import { serve } from '@cep/http/serve';
import { Router } from 'express';
import {
  type Deps,
  getEngine,
  listEngines,
  putEngine,
  removeEngine,
  shareEngine,
} from './engines.ts';

export function engineRoutes(deps: Deps): Router {
  const router = Router();
  serve(router, contract.listEngines, (_input, caller) => listEngines(deps, caller));
  serve(router, contract.getEngine, (input, caller) => getEngine(deps, input, caller));
  serve(router, contract.putEngine, (input, caller) => putEngine(deps, input, caller));
  serve(router, contract.shareEngine, (input, caller) => shareEngine(deps, input, caller));
  serve(router, contract.removeEngine, (input, caller) => removeEngine(deps, input, caller));
  return router;
}
