import * as endpoints from '@cep/contracts/templates';
import { serve } from '@cep/http/serve';
import { Router } from 'express';
import {
  addStore,
  listStores,
  refreshStore,
  removeStore,
  type StoreDeps,
  shareStore,
} from './stores.ts';
import {
  changeTemplate,
  listTemplates,
  putTemplate,
  removeTemplate,
  showTemplate,
} from './templates.ts';

/** What there is to deploy. */
export function storeRoutes(deps: StoreDeps): Router {
  const router = Router();
  serve(router, endpoints.listStores, async (_input, caller) => ({
    stores: await listStores(deps, caller),
  }));
  serve(router, endpoints.addStore, (input, caller) => addStore(deps, input, caller));
  serve(router, endpoints.refreshStore, ({ params }, caller) =>
    refreshStore(deps, params.store, caller),
  );
  serve(router, endpoints.removeStore, ({ params }, caller) =>
    removeStore(deps, params.store, caller),
  );
  serve(router, endpoints.shareStore, (input, caller) => shareStore(deps, input, caller));
  serve(router, endpoints.listTemplates, async ({ params }, caller) => ({
    templates: await listTemplates(deps, params.store, caller),
  }));
  serve(router, endpoints.getTemplate, ({ params }, caller) =>
    showTemplate(deps, { store: params.store, id: params.app }, caller),
  );
  serve(router, endpoints.putTemplate, (input, caller) => putTemplate(deps, input, caller));
  serve(router, endpoints.changeTemplate, (input, caller) => changeTemplate(deps, input, caller));
  serve(router, endpoints.removeTemplate, (input, caller) => removeTemplate(deps, input, caller));
  return router;
}
