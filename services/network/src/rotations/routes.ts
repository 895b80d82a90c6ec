import * as contract from '@cep/contracts/rotations';
import { serve } from '@cep/http/serve';
import { Router } from 'express';
import type { Deps } from '../deps.ts';
import * as rotations from './rotations.ts';

export function rotationRoutes(deps: Deps): Router {
  const router = Router();
  serve(router, contract.rotateAuthority, (input, who) =>
    rotations.rotateAuthority(deps, input, who),
  );
  serve(router, contract.getRotation, (input, who) => rotations.getRotation(deps, input, who));
  return router;
}
