/** Bringing an app back from a backup: over itself, or as a new one. */
import { randomUUID } from 'node:crypto';
import type * as contract from '@cep/contracts/backups';
import type { UserCaller } from '@cep/contracts/caller';
import type { Input, Reply } from '@cep/contracts/endpoint';
import type { Grant } from '@cep/contracts/permissions';
import { Problem } from '@cep/contracts/problems';
import { type Tx, transaction } from '@cep/database/transaction';
import { ask } from '../apps/ask.ts';
import { lockIdle } from '../apps/change.ts';
import type { Deps } from '../apps/deps.ts';
import { approve, type Planned, planApp } from '../apps/plan.ts';
import { toApp } from '../apps/present.ts';
import { type AppRow, findApp, getAppView, insertApp } from '../apps/store.ts';
import type { Machine } from '../engine/machine.ts';
import { assertMayUse } from '../engines/may-use.ts';
import { type Document, outlineOf, sealDocument } from '../generations/document.ts';
import { findGeneration, insertGeneration } from '../generations/store.ts';
import { assertMayGrant, assertNeeded } from '../grants/grants.ts';
import { findGrants, insertGrants } from '../grants/store.ts';
import { type Placement, placeBeside, placeOn } from '../networks/placement.ts';
import { toOperation } from '../operations/operations.ts';
import { insertOperation } from '../operations/store.ts';
import { placeRestored, placeVolumes, wishAgain } from '../pools/place.ts';
import { claimPorts } from '../ports/store.ts';
import { openFor, templateOf } from './document.ts';
import { insertJob } from './job-store.ts';
import { restorePart } from './restore-part.ts';
import { assertStays, type Restored, setsFor } from './restored.ts';
import { type BackupRow, getBackupRow } from './store.ts';

type Wish = Input<typeof contract.restoreBackup>['body'];

/**
 * The data is copied into volumes of its own first: the app that is there goes on until then, and comes
 * back by itself if what is restored does not run. Its old volumes are kept. A new app comes to the engine
 * that the backup was made on, whose machine has its target; and to the network of the app that it is a copy
 * of, unless another is named. With volumes named, or where the backup is of some, those alone come back, and
 * the app stays what it is now.
 *
 * @throws {Problem} `not-found`; `backup-unusable`; `app-busy`; `name-taken`; `permission-needed`
 */
export async function restoreBackup(
  deps: Deps,
  { params, body }: Input<typeof contract.restoreBackup>,
  caller: UserCaller,
): Promise<Reply<typeof contract.restoreBackup>> {
  assertMayGrant(caller, body.grants ?? []);
  const backup = await getBackupRow(deps.db, caller.projectId, params.backup);
  assertWhole(backup);
  const there = body.as === undefined ? await findApp(deps.db, backup.app_id) : undefined;
  const volumes = volumesIn(backup, body);
  if (volumes) return began(deps, caller, await restorePart(deps, { backup, there, volumes }));
  const { engine } = backup;
  if (!there) await assertMayUse(deps.db, engine, caller);
  const { machine, hostAddresses } = await deps.engines.of(engine);
  const { network } = body;
  const wanted = { projectId: caller.projectId, engine };
  const place =
    network === undefined
      ? await placeBeside(deps.db, { ...wanted, appId: backup.app_id }, hostAddresses)
      : await placeOn(deps.db, { ...wanted, network }, hostAddresses);
  const restored = await transaction(deps.db, async (tx) => {
    await assertStays(tx, backup);
    return there
      ? over(deps, tx, { backup, there, body, machine })
      : fresh(deps, tx, { backup, body, caller, place, machine });
  });
  return began(deps, caller, restored);
}

async function began(deps: Deps, caller: UserCaller, { row, name }: Restored) {
  deps.loop.wake(row.app_id);
  const view = await getAppView(deps.db, caller.projectId, name);
  return {
    app: toApp(view, deps.engines.lost(view.engine)),
    operation: toOperation(row, deps.progress),
  };
}

function assertWhole({ id, state }: BackupRow): void {
  if (state === 'complete') return;
  const why = state === 'running' ? 'is still being made' : 'was never made whole';
  throw new Problem('backup-unusable', `"${id}" ${why}. See "cep backup list".`);
}

/** Those that are restored by themselves; a backup of some volumes brings nothing else back over its app. */
function volumesIn({ contents }: BackupRow, body: Wish): readonly string[] | undefined {
  const { volumes, as } = body;
  if (volumes && as !== undefined) {
    const sentence = 'A new app gets all that a backup has: leave --volume out, or --as.';
    throw new Problem('invalid-request', sentence);
  }
  if (as !== undefined || !(volumes || contents.chosen)) return undefined;
  assertPlain(body);
  return volumes ?? contents.volumes;
}

/** What the app was made of, rendered anew for the place and the name that it is to have. */
function documentFor(
  deps: Deps,
  backup: BackupRow,
  wish: Pick<Planned, 'name' | 'caller' | 'place' | 'machine' | 'grants'> & {
    readonly id: string;
    readonly parameters: Wish['parameters'];
  },
) {
  const was = openFor(deps.sealer, backup.id, backup.document);
  const template = templateOf(backup, was);
  const requested = { ...was.requested, ...wish.parameters };
  const plan = planApp(
    deps,
    { ...wish, template, requested },
    // Stands in the data: generated again it would open nothing.
    { id: wish.id, made: was.parameters },
  );
  const { pools } = was;
  const kept = { requested, written: template.written, ...(pools && { pools }) };
  const document: Document = { ...approve(plan), ...kept };
  return { document, needed: plan.needed, template };
}

interface Over {
  readonly backup: BackupRow;
  readonly there: Pick<AppRow, 'id' | 'name' | 'project_id'>;
  readonly body: Wish;
  readonly machine: Machine;
}

/** @throws {Problem} `invalid-request` for what only a new app can be given */
function assertPlain({ parameters, network, grants, pools }: Wish): void {
  if (network === undefined && !grants && !pools && Object.keys(parameters).length === 0) return;
  throw new Problem('invalid-request', 'Name a new app with --as to give it other settings.');
}

async function over(deps: Deps, tx: Tx, { backup, there, body, machine }: Over): Promise<Restored> {
  const { id, name, project_id: projectId } = there;
  const { parameters } = body;
  assertPlain(body);
  const app = await lockIdle(tx, projectId, name);
  const generation = await findGeneration(tx, id, app.generation);
  const { document } = documentFor(deps, backup, {
    ...{ id, name, parameters, machine, caller: { projectId } },
    place: { address: generation?.address ?? '' },
    grants: await findGrants(tx, id),
  });
  const sets = setsFor(backup.contents, generation?.volume_sets);
  const { volumes } = backup.contents;
  await placeRestored(tx, app, { volumes, sets, before: generation?.volume_sets ?? {} });
  const operation = { id: randomUUID(), projectId, appId: id, app: name };
  const row = await insertOperation(tx, { ...operation, kind: 'restore', createdAt: new Date() });
  await insertJob(tx, {
    ...{ id: randomUUID(), app_id: id, project_id: projectId, kind: 'restore', step: 'fill' },
    ...{
      backup: backup.id,
      operation_id: row.id,
      volume_sets: sets,
    },
    document: sealDocument(deps.sealer, id, document),
  });
  return { row, name };
}

interface Fresh {
  readonly backup: BackupRow;
  readonly body: Wish;
  readonly caller: UserCaller;
  readonly place: Placement;
  readonly machine: Machine;
}

async function fresh(
  deps: Deps,
  tx: Tx,
  { backup, body, caller, place, machine }: Fresh,
): Promise<Restored> {
  const { as: name = backup.app, parameters, grants = [] } = body;
  const { projectId } = caller;
  const { store, template, version, engine } = backup;
  const id = randomUUID();
  const app = await insertApp(tx, {
    ...{
      id,
      project_id: projectId,
      name,
      store,
      template,
      version,
      engine,
      network_id: place.networkId,
      deployed_by: caller.username,
    },
  });
  if (!app) throw taken(name);
  const wish = { id, name, parameters, caller, place, machine, grants };
  const { document: made, needed, template: from } = documentFor(deps, backup, wish);
  const { volumes } = made.rendered;
  const again = { engine, volumes, uses: from.volumes, was: made.pools, asked: body.pools };
  const pools = await wishAgain(tx, again);
  const document = { ...made, pools };
  assertNeeded(needed, grants satisfies readonly Grant[]);
  await insertGrants(tx, id, grants, caller);
  const volumeSets = setsFor(backup.contents);
  await insertGeneration(tx, {
    ...{ appId: id, number: app.generation, cause: 'restore', version, volumeSets, images: {} },
    address: place.address,
    document: sealDocument(deps.sealer, id, document),
    outline: outlineOf(document.rendered),
  });
  const { services } = document.rendered;
  await claimPorts(tx, { appId: id, address: place.address, services });
  await placeVolumes(tx, app, { volumes, wish: pools, uses: {}, sets: volumeSets });
  const { row } = await ask(tx, app, 'restore');
  await insertJob(tx, {
    ...{ id: randomUUID(), app_id: id, project_id: projectId, kind: 'restore', step: 'fill' },
    ...{ backup: backup.id, operation_id: row.id, volume_sets: volumeSets, is_fresh: true },
  });
  return { row, name };
}

const taken = (name: string) =>
  new Problem(
    'name-taken',
    `There is an app "${name}" that this backup is not of. Choose another name with --as NAME.`,
  );
