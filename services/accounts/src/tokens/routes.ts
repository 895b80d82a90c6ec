import { createToken, listTokens, revokeToken } from '@cep/contracts/users';
import { serve } from '@cep/http/serve';
import { Router } from 'express';
import type { Pool } from 'pg';
import { deleteToken, findTokens } from './store.ts';
import * as tokens from './tokens.ts';

export function tokenRoutes(db: Pool): Router {
  const router = Router();
  serve(router, createToken, ({ body }, caller) => tokens.createToken(db, body, caller));
  serve(router, listTokens, async (_, { userId }) => ({ tokens: await findTokens(db, userId) }));
  serve(router, revokeToken, async ({ params }, { userId }) => {
    await deleteToken(db, userId, params.token);
  });
  return router;
}
