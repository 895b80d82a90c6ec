import * as allApps from '@cep/contracts/all-apps';
import * as contract from '@cep/contracts/apps';
import * as generations from '@cep/contracts/generations';
import * as happenings from '@cep/contracts/happenings';
import * as logs from '@cep/contracts/logs';
import * as plans from '@cep/contracts/plans';
import * as renderings from '@cep/contracts/renderings';
import * as usage from '@cep/contracts/usage';
import { serve, serveEvents } from '@cep/http/serve';
import { Router } from 'express';
import { listGenerations } from '../generations/generations.ts';
import { readLogs } from '../logs/logs.ts';
import { renderApp } from '../renderings/render-app.ts';
import { listAllApps } from './all-apps.ts';
import { destroyApp, getApp, listApps } from './apps.ts';
import { cancelApp } from './cancel.ts';
import { restartApp, startApp, stopApp } from './change.ts';
import { deployApp, planDeployment } from './deploy.ts';
import type { Deps } from './deps.ts';
import { watchHappenings } from './happenings.ts';
import { planUpdate, rollbackApp, updateApp } from './update.ts';
import { getUsage } from './usage.ts';

export function appRoutes(deps: Deps): Router {
  const router = Router();
  serve(router, contract.deployApp, (input, caller) => deployApp(deps, input, caller));
  serve(router, renderings.renderApp, (input, caller) => renderApp(deps, input, caller));
  serve(router, contract.listApps, (_input, caller) => listApps(deps, caller));
  serve(router, allApps.listAllApps, (input, caller) => listAllApps(deps, input, caller));
  serve(router, contract.getApp, (input, caller) => getApp(deps, input, caller));
  serve(router, contract.destroyApp, (input, caller) => destroyApp(deps, input, caller));
  serve(router, contract.startApp, (input, caller) => startApp(deps, input, caller));
  serve(router, contract.stopApp, (input, caller) => stopApp(deps, input, caller));
  serve(router, contract.restartApp, (input, caller) => restartApp(deps, input, caller));
  serve(router, contract.updateApp, (input, caller) => updateApp(deps, input, caller));
  serve(router, contract.rollbackApp, (input, caller) => rollbackApp(deps, input, caller));
  serve(router, contract.cancelApp, (input, caller) => cancelApp(deps, input, caller));
  serve(router, plans.planDeployment, (input, caller) => planDeployment(deps, input, caller));
  serve(router, plans.planUpdate, (input, caller) => planUpdate(deps, input, caller));
  serve(router, generations.listGenerations, (input, caller) =>
    listGenerations(deps, input, caller),
  );
  serveEvents(router, logs.readLogs, (input, caller, signal) =>
    readLogs(deps, input, { caller, signal }),
  );
  serve(router, usage.getUsage, (input, caller) => getUsage(deps, input, caller));
  serveEvents(router, happenings.watchHappenings, (input, caller, signal) =>
    watchHappenings(deps, input, { caller, signal }),
  );
  return router;
}
