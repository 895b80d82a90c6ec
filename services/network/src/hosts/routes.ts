import * as contract from '@cep/contracts/hosts';
import { serve } from '@cep/http/serve';
import { Router } from 'express';
import type { Deps } from '../deps.ts';
import * as hosts from './hosts.ts';

export function hostRoutes(deps: Deps): Router {
  const router = Router();
  serve(router, contract.createHost, (input, who) => hosts.createHost(deps, input, who));
  serve(router, contract.listHosts, (input, who) => hosts.listHosts(deps, input, who));
  serve(router, contract.getHost, (input, who) => hosts.getHost(deps, input, who));
  serve(router, contract.deleteHost, (input, who) => hosts.deleteHost(deps, input, who));
  serve(router, contract.editHost, (input, who) => hosts.editHost(deps, input, who));
  serve(router, contract.revokeHost, (input, who) => hosts.revokeHost(deps, input, who));
  return router;
}
