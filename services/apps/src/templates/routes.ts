import { Problem } from '@cep/contracts/problems';
import * as endpoints from '@cep/contracts/templates';
import { serve } from '@cep/http/serve';
import { Router } from 'express';
import { getTemplate, type Store } from './builtin-store.ts';
import { describeTemplate, summariseTemplate } from './describe.ts';

/** What there is to deploy; the same for everybody. */
export function templateRoutes(store: Store): Router {
  const router = Router();
  const templatesOf = (name: string) => {
    if (name === store.name) return store.templates;
    throw new Problem('not-found', `There is no store "${name}". There is "${store.name}".`);
  };

  serve(router, endpoints.listStores, async () => ({
    stores: [{ name: store.name, kind: 'builtin' as const, templates: store.templates.size }],
  }));
  serve(router, endpoints.listTemplates, async ({ params }) => ({
    templates: [...templatesOf(params.store).values()].map(summariseTemplate),
  }));
  serve(router, endpoints.getTemplate, async ({ params }) => {
    templatesOf(params.store);
    return describeTemplate(getTemplate(store, params.app));
  });
  return router;
}
