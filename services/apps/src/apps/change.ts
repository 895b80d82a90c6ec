/** Changes of an app that is there: each writes down what is wanted, and the reconciler does it. */
import type * as contract from '@cep/contracts/apps';
import type { UserCaller } from '@cep/contracts/caller';
import type { Input, Reply } from '@cep/contracts/endpoint';
import type { Operation } from '@cep/contracts/operations';
import { Problem } from '@cep/contracts/problems';
import { type Tx, transaction } from '@cep/database/transaction';
import { findJob } from '../backups/job-store.ts';
import { findGeneration } from '../generations/store.ts';
import { toOperation } from '../operations/operations.ts';
import { noteProject } from '../projects/store.ts';
import { ask } from './ask.ts';
import type { Deps } from './deps.ts';
import { toApp } from './present.ts';
import { type AppRow, lockApp, restartFromNow, wantApp } from './store.ts';

type Changed = Reply<typeof contract.startApp>;
type Named = Input<typeof contract.startApp>;

export const startApp = (deps: Deps, input: Named, caller: UserCaller): Promise<Changed> =>
  change(deps, { input, caller, kind: 'start' }, (tx, { id }) => wantApp(tx, id, 'running'));

/** What is under way for the app is broken off; its containers stay. */
export const stopApp = (deps: Deps, input: Named, caller: UserCaller): Promise<Changed> =>
  change(deps, { input, caller, kind: 'stop' }, (tx, { id }) => wantApp(tx, id, 'stopped'));

export const restartApp = (deps: Deps, input: Named, caller: UserCaller): Promise<Changed> =>
  change(deps, { input, caller, kind: 'restart' }, async (tx, { id }) => {
    await wantApp(tx, id, 'running');
    await restartFromNow(tx, id);
  });

interface Asked {
  readonly input: Named;
  readonly caller: UserCaller;
  readonly kind: Operation['kind'];
}

/** @param work  writes down what is wanted; the app is kept from changing meanwhile */
export async function change(
  deps: Deps,
  { input, caller, kind }: Asked,
  work: (tx: Tx, app: AppRow) => Promise<unknown>,
): Promise<Changed> {
  const { row, view } = await transaction(deps.db, async (tx) => {
    await noteProject(tx, caller);
    const app = await lockPresent(tx, caller.projectId, input.params.app);
    await assertNoJob(tx, app);
    await work(tx, app);
    return ask(tx, app, kind);
  });
  deps.loop.interrupt(view.id);
  return {
    app: toApp(view, deps.engines.lost(view.engine)),
    operation: toOperation(row, deps.progress),
  };
}

/** @throws {Problem} `not-found`; `app-busy` while it is destroyed, backed up or changed */
export async function lockIdle(tx: Tx, projectId: string, name: string): Promise<AppRow> {
  const app = await lockPresent(tx, projectId, name);
  await assertNoJob(tx, app);
  const generation = await findGeneration(tx, app.id, app.generation);
  if (generation?.state !== 'pending' || app.state === 'failed') return app;
  const sentence = `"${name}" is being changed. Wait until it runs, or run "cep apps cancel ${name}".`;
  throw new Problem('app-busy', sentence);
}

/** @throws {Problem} `app-busy` */
export async function assertNoJob(tx: Tx, { id, name }: Pick<AppRow, 'id' | 'name'>) {
  const job = await findJob(tx, id);
  if (!job) return;
  const what = job.kind === 'restore' ? 'is being restored' : 'is being backed up';
  const sentence = `"${name}" ${what}. Wait for that, or end it with "cep apps cancel ${name}".`;
  throw new Problem('app-busy', sentence);
}

/** @throws {Problem} `not-found`; `app-busy` while it is being destroyed */
export async function lockPresent(tx: Tx, projectId: string, name: string): Promise<AppRow> {
  const app = await lockApp(tx, projectId, name);
  if (app.wanted !== 'destroyed') return app;
  throw new Problem('app-busy', `"${name}" is being destroyed. Deploy it once it is gone.`);
}
