import * as contract from '@cep/contracts/policies';
import { serve } from '@cep/http/serve';
import { Router } from 'express';
import type { Deps } from '../deps.ts';
import * as policies from './policies.ts';

export function policyRoutes(deps: Deps): Router {
  const router = Router();
  serve(router, contract.getPolicy, (input, who) => policies.getPolicy(deps, input, who));
  serve(router, contract.setPolicy, (input, who) => policies.setPolicy(deps, input, who));
  serve(router, contract.explainPolicy, (input, who) => policies.explainPolicy(deps, input, who));
  return router;
}
