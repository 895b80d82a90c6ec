import * as contract from '@cep/contracts/backups';
import { serve } from '@cep/http/serve';
import { Router } from 'express';
import type { Deps } from '../apps/deps.ts';
import { checkBackups, createBackup, deleteBackup, getBackup, listBackups } from './backups.ts';
import { restoreBackup } from './restore.ts';
import { endSchedule, getSchedule, putSchedule } from './schedules.ts';
import { addTarget, checkTarget, getKey, listTargets, removeTarget } from './targets.ts';
import type { Deps as TryDeps } from './try-target.ts';

export function backupRoutes(deps: Deps & TryDeps): Router {
  const router = Router();
  serve(router, contract.addBackupTarget, (input, caller) => addTarget(deps, input, caller));
  serve(router, contract.checkBackupTarget, (input, caller) => checkTarget(deps, input, caller));
  serve(router, contract.listBackupTargets, () => listTargets(deps));
  serve(router, contract.removeBackupTarget, ({ params }, caller) =>
    removeTarget(deps, params.target, caller),
  );
  serve(router, contract.getBackupKey, ({ params }, caller) => getKey(deps, params.target, caller));
  serve(router, contract.createBackup, (input, caller) => createBackup(deps, input, caller));
  serve(router, contract.listBackups, (input, caller) => listBackups(deps, input, caller));
  serve(router, contract.getBackup, (input, caller) => getBackup(deps, input, caller));
  serve(router, contract.restoreBackup, (input, caller) => restoreBackup(deps, input, caller));
  serve(router, contract.deleteBackup, (input, caller) => deleteBackup(deps, input, caller));
  serve(router, contract.checkBackups, (input, caller) => checkBackups(deps, input, caller));
  serve(router, contract.getBackupSchedule, (input, caller) => getSchedule(deps, input, caller));
  serve(router, contract.setBackupSchedule, (input, caller) => putSchedule(deps, input, caller));
  serve(router, contract.endBackupSchedule, (input, caller) => endSchedule(deps, input, caller));
  return router;
}
