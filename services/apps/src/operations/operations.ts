import type { UserCaller } from '@cep/contracts/caller';
import type { Input } from '@cep/contracts/endpoint';
import type * as contract from '@cep/contracts/operations';
import type { Pool } from 'pg';
import type { Progress } from './progress.ts';
import { getOperationRow, type OperationRow } from './store.ts';

interface Deps {
  readonly db: Pool;
  readonly progress: Progress;
}

/** An operation as callers see it: what is kept of it, and while it runs, how far it is. */
export function toOperation(row: OperationRow, progress: Progress): contract.Operation {
  const { id, kind, app, state, failure, created_at, finished_at } = row;
  const now = state === 'running' ? progress.of(row.app_id) : { step: state, pulls: [] };
  const { step, pulls } = now;
  return {
    id,
    kind,
    app,
    state,
    step,
    pulls: [...pulls],
    failure,
    createdAt: created_at.toISOString(),
    finishedAt: finished_at?.toISOString() ?? null,
  };
}

export async function getOperation(
  { db, progress }: Deps,
  { params }: Input<typeof contract.getOperation>,
  caller: UserCaller,
): Promise<contract.Operation> {
  return toOperation(await getOperationRow(db, caller.projectId, params.operation), progress);
}

/** The operation as it is now, at once; then each change, until it has ended. */
export async function watchOperation(
  { db, progress }: Deps,
  { params }: Input<typeof contract.watchOperation>,
  { caller, signal }: { readonly caller: UserCaller; readonly signal: AbortSignal },
): Promise<AsyncIterable<contract.Operation>> {
  const read = () => getOperationRow(db, caller.projectId, params.operation);
  const first = await read();
  return watch();

  async function* watch() {
    let row = first;
    while (!signal.aborted) {
      yield toOperation(row, progress);
      if (row.state !== 'running') return;
      // Listen before looking, so that a change in between is not missed.
      const changed = progress.changed(row.app_id, signal);
      const seen = await read();
      if (seen.state === row.state) await changed;
      row = seen.state === row.state ? await read() : seen;
    }
  }
}
