import * as contract from '@cep/contracts/apps';
import * as renderings from '@cep/contracts/renderings';
import { serve, serveEvents } from '@cep/http/serve';
import { Router } from 'express';
import { readLogs } from '../logs/logs.ts';
import { renderApp } from '../renderings/render-app.ts';
import { destroyApp, getApp, listApps } from './apps.ts';
import { deployApp } from './deploy.ts';
import type { Deps } from './deps.ts';

export function appRoutes(deps: Deps): Router {
  const router = Router();
  serve(router, contract.deployApp, (input, caller) => deployApp(deps, input, caller));
  serve(router, renderings.renderApp, (input, caller) => renderApp(deps, input, caller));
  serve(router, contract.listApps, (_input, caller) => listApps(deps, caller));
  serve(router, contract.getApp, (input, caller) => getApp(deps, input, caller));
  serve(router, contract.destroyApp, (input, caller) => destroyApp(deps, input, caller));
  serveEvents(router, contract.readLogs, (input, caller, signal) =>
    readLogs(deps, input, { caller, signal }),
  );
  return router;
}
