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
  /** What is to be brought about; left out: nothing in particular. */
  readonly generation?: number;
  readonly createdAt: Date;
}

export async function insertOperation(
  tx: Tx,
  { id, projectId, appId, app, kind, generation, createdAt }: NewOperation,
): Promise<OperationRow> {
  const { rows } = await tx.query<OperationRow>(sql`
    insert into operations (id, project_id, app_id, app, kind, generation, created_at)
    values (${id}, ${projectId}, ${appId}, ${app}, ${kind}, ${generation ?? null}, ${createdAt})
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

interface Ended {
  readonly appId: string;
  readonly kinds: readonly Operation['kind'][];
  /** Later ones may ask for what has not been looked at. */
  readonly until: Date;
}

/** Ends those operations of an app that run; `failure` says why when they did not succeed. */
export async function finishOperations(
  db: Db,
  { appId, kinds, until }: Ended,
  failure: Reason | null,
): Promise<void> {
  await db.query(sql`
    update operations
    set state = ${failure ? 'failed' : 'succeeded'},
      failure = ${failure && JSON.stringify(failure)}, finished_at = now()
    where app_id = ${appId} and kind = any(${[...kinds]}) and state = 'running'
      and created_at <= ${until}`);
}

/** Ends what was to bring about a generation that is given up, with the reason for that. */
export async function failGivenUp(
  db: Db,
  { appId, generation }: { readonly appId: string; readonly generation: number },
  otherwise: Reason,
): Promise<void> {
  await db.query(sql`
    update operations
    set state = 'failed', finished_at = now(),
      failure = coalesce((select reason from generations as given_up
        where given_up.app_id = operations.app_id and number = operations.generation),
        ${JSON.stringify(otherwise)})
    where app_id = ${appId} and state = 'running' and generation <> ${generation}`);
}

/** Ends one operation, unless it has ended; `failure` says why when it did not succeed. */
export async function finishOperation(db: Db, id: string, failure: Reason | null): Promise<void> {
  await db.query(sql`
    update operations
    set state = ${failure ? 'failed' : 'succeeded'},
      failure = ${failure && JSON.stringify(failure)}, finished_at = now()
    where id = ${id} and state = 'running'`);
}

/** Says which generation an operation is to bring about, once that is known and asked for. */
export async function aimOperation(
  tx: Tx,
  id: string,
  { generation, askedAt }: { readonly generation: number; readonly askedAt: Date },
): Promise<void> {
  await tx.query(sql`
    update operations set generation = ${generation}, created_at = least(created_at, ${askedAt})
    where id = ${id}`);
}
