import * as contract from '@cep/contracts/records';
import { serve } from '@cep/http/serve';
import { Router } from 'express';
import type { Deps } from '../deps.ts';
import * as records from './records.ts';

export function recordRoutes(deps: Deps): Router {
  const router = Router();
  serve(router, contract.listRecords, (input, who) => records.listRecords(deps, input, who));
  serve(router, contract.addRecord, (input, who) => records.addRecord(deps, input, who));
  serve(router, contract.removeRecord, (input, who) => records.removeRecord(deps, input, who));
  return router;
}
