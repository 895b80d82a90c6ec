import * as endpoints from '@cep/contracts/templates';
import { serve } from '@cep/http/serve';
import { Router } from 'express';
import { describeTemplate } from '../templates/describe.ts';
import {
  addStore,
  getTemplate,
  listStores,
  listTemplates,
  refreshStore,
  removeStore,
  type StoreDeps,
} from './stores.ts';

/** What there is to deploy; the same for everybody. */
export function storeRoutes(deps: StoreDeps): Router {
  const router = Router();
  serve(router, endpoints.listStores, async () => ({ stores: await listStores(deps) }));
  serve(router, endpoints.addStore, (input, caller) => addStore(deps, input, caller));
  serve(router, endpoints.refreshStore, ({ params }, caller) =>
    refreshStore(deps, params.store, caller),
  );
  serve(router, endpoints.removeStore, ({ params }, caller) =>
    removeStore(deps, params.store, caller),
  );
  serve(router, endpoints.listTemplates, async ({ params }) => ({
    templates: await listTemplates(deps, params.store),
  }));
  serve(router, endpoints.getTemplate, async ({ params }) =>
    describeTemplate(await getTemplate(deps, params.store, params.app)),
  );
  return router;
}
