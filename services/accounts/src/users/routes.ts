import { changePassword } from '@cep/contracts/users';
import { serve } from '@cep/http/serve';
import { Router } from 'express';
import * as users from './users.ts';

export function userRoutes(deps: users.Deps): Router {
  const router = Router();
  serve(router, changePassword, ({ body }, caller) => users.changePassword(deps, body, caller));
  return router;
}
