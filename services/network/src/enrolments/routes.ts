import * as contract from '@cep/contracts/hosts';
import { serve } from '@cep/http/serve';
import { Router } from 'express';
import type { Deps } from '../deps.ts';
import { createEnrolment, enrolHost } from './enrolments.ts';

export function enrolmentRoutes(deps: Deps): Router {
  const router = Router();
  serve(router, contract.createEnrolment, (input, who) => createEnrolment(deps, input, who));
  serve(router, contract.enrolHost, (input) => enrolHost(deps, input));
  return router;
}
