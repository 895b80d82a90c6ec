import * as contract from '@cep/contracts/networks';
import { serve } from '@cep/http/serve';
import { Router } from 'express';
import type { Deps } from '../deps.ts';
import * as networks from './networks.ts';

export function networkRoutes(deps: Deps): Router {
  const router = Router();
  serve(router, contract.createNetwork, (input, who) => networks.createNetwork(deps, input, who));
  serve(router, contract.listNetworks, (_, who) => networks.listNetworks(deps, who));
  serve(router, contract.getNetwork, (input, who) => networks.getNetwork(deps, input, who));
  serve(router, contract.deleteNetwork, (input, who) => networks.deleteNetwork(deps, input, who));
  serve(router, contract.listLighthouses, (input, who) =>
    networks.listLighthouses(deps, input, who),
  );
  return router;
}
