import type { Reason } from '@cep/contracts/apps';
import type { Operation } from '@cep/contracts/operations';
import { Problem } from '@cep/contracts/problems';
import { only } from '@cep/database/rows';
import { sql } from '@cep/database/sql';
import type { Db, Tx } from '@cep/database/transaction';

/** An operation as it is kept; how far it is, is known to {@link Progress} alone. */
export interface OperationRow {
  readonly id: string;
  readonly app_id: string;
  readonly app: string;
  readonly kind: Operation['kind'];
  readonly state: Operation['state'];
  readonly failure: Reason | null;
  readonly created_at: Date;
  readonly finished_at: Date | null;
}

interface NewOperation {
  readonly id: string;
  readonly projectId: string;
  readonly appId: string;
  readonly app: string;
  readonly kind: Operation['kind'];
}

export async function insertOperation(
  tx: Tx,
  { id, projectId, appId, app, kind }: NewOperation,
): Promise<OperationRow> {
  const { rows } = await tx.query<OperationRow>(sql`
    insert into operations (id, project_id, app_id, app, kind)
    values (${id}, ${projectId}, ${appId}, ${app}, ${kind})
    returning id, app_id, app, kind, state, failure, created_at, finished_at`);
  return only(rows);
}

/** @throws {Problem} `not-found` */
export async function getOperationRow(
  db: Db,
  projectId: string,
  id: string,
): Promise<OperationRow> {
  const { rows } = await db.query<OperationRow>(sql`
    select id, app_id, app, kind, state, failure, created_at, finished_at from operations
    where project_id = ${projectId} and id = ${id}`);
  if (rows[0]) return rows[0];
  throw new Problem('not-found', `There is no operation ${id}.`);
}

/** Ends those operations of an app that run; `failure` says why when they did not succeed. */
export async function finishOperations(
  db: Db,
  { appId, kind }: { readonly appId: string; readonly kind: Operation['kind'] },
  failure: Reason | null,
): Promise<void> {
  await db.query(sql`
    update operations
    set state = ${failure ? 'failed' : 'succeeded'},
      failure = ${failure && JSON.stringify(failure)}, finished_at = now()
    where app_id = ${appId} and kind = ${kind} and state = 'running'`);
}
