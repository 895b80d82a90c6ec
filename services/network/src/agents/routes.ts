import * as contract from '@cep/contracts/agents';
import { serve, serveEvents } from '@cep/http/serve';
import { Router } from 'express';
import type { Deps } from '../deps.ts';
import * as agents from './agents.ts';
import type { Hub } from './hub.ts';

export function agentRoutes(deps: Deps, hub: Hub): Router {
  const router = Router();
  serve(router, contract.authenticateHost, (input) => agents.authenticateHost(deps, input));
  serve(router, contract.reportAgent, (input, who) => agents.reportAgent(deps, input, who));
  serve(router, contract.renewCertificate, (input, who) =>
    agents.renewCertificate(deps, input, who),
  );
  serveEvents(router, contract.followBundles, async ({ params, query }, who, gone) => {
    agents.checkSelf(params, who);
    return hub.follow(who, query.have, gone);
  });
  return router;
}
