import { randomUUID } from 'node:crypto';
import type { Operation } from '@cep/contracts/operations';
import type { Tx } from '@cep/database/transaction';
import { insertOperation, type OperationRow } from '../operations/store.ts';
import { type AppRow, type AppView, getAppView, touchApp } from './store.ts';

/** Writes down that something was asked of an app, as it is now. */
export async function ask(
  tx: Tx,
  { id, name, project_id: projectId }: Pick<AppRow, 'id' | 'name' | 'project_id'>,
  kind: Operation['kind'],
): Promise<{ row: OperationRow; view: AppView }> {
  const createdAt = await touchApp(tx, id);
  const view = await getAppView(tx, projectId, name);
  const operation = { projectId, appId: id, app: name, kind, createdAt };
  return {
    row: await insertOperation(tx, { id: randomUUID(), generation: view.generation, ...operation }),
    view,
  };
}
