import * as contract from '@cep/contracts/pools';
import { serve } from '@cep/http/serve';
import { Router } from 'express';
import * as pools from './pools.ts';

export function poolRoutes(deps: pools.Deps): Router {
  const router = Router();
  serve(router, contract.listPools, () => pools.listPools(deps));
  serve(router, contract.getPool, (input, who) => pools.getPool(deps, input, who));
  serve(router, contract.putPool, (input, who) => pools.putPool(deps, input, who));
  serve(router, contract.deletePool, (input, who) => pools.deletePool(deps, input, who));
  return router;
}
