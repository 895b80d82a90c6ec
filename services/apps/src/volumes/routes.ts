import * as orphans from '@cep/contracts/orphans';
import * as contract from '@cep/contracts/volumes';
import { serve } from '@cep/http/serve';
import { Router } from 'express';
import { deleteOrphans, listOrphans } from './orphans.ts';
import * as volumes from './volumes.ts';

export function volumeRoutes(deps: volumes.Deps): Router {
  const router = Router();
  serve(router, contract.listVolumes, (input, who) => volumes.listVolumes(deps, input, who));
  serve(router, contract.getVolume, (input, who) => volumes.getVolume(deps, input, who));
  serve(router, contract.deleteVolume, (input, who) => volumes.deleteVolume(deps, input, who));
  serve(router, contract.keepVolume, (input, who) => volumes.keepVolume(deps, input, who));
  serve(router, orphans.listOrphans, (input, who) => listOrphans(deps, input, who));
  serve(router, orphans.deleteOrphans, (input, who) => deleteOrphans(deps, input, who));
  return router;
}
