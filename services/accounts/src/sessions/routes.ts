import { authenticate, signIn, signOut, whoAmI } from '@cep/contracts/users';
import { serve } from '@cep/http/serve';
import { Router } from 'express';
import { deleteCredential } from '../tokens/store.ts';
import type { Deps } from '../users/users.ts';
import * as authentications from './authentications.ts';
import * as sessions from './sessions.ts';

export function sessionRoutes(deps: Deps): Router {
  const router = Router();
  serve(router, signIn, ({ body }, caller) => sessions.signIn(deps, body, caller));
  serve(router, whoAmI, (_, caller) => sessions.whoAmI(deps, caller));
  serve(router, signOut, (_, { tokenId }) => deleteCredential(deps.db, tokenId));
  serve(router, authenticate, ({ body }) => authentications.authenticate(deps.db, body));
  return router;
}
