import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type * as contract from '@cep/contracts/apps';
import type { UserCaller } from '@cep/contracts/caller';
import type { Input, Reply } from '@cep/contracts/endpoint';
import type * as plans from '@cep/contracts/plans';
import { Problem } from '@cep/contracts/problems';
import { OWN_FILE } from '@cep/contracts/templates';
import { type Tx, transaction } from '@cep/database/transaction';
import { type Document, openDocument, outlineOf, sealDocument } from '../generations/document.ts';
import { getDocument, insertGeneration } from '../generations/store.ts';
import { assertNeeded } from '../grants/grants.ts';
import { findGrants, insertGrants } from '../grants/store.ts';
import { toOperation } from '../operations/operations.ts';
import { assertPlaced, placeVolumes } from '../pools/place.ts';
import { claimPorts } from '../ports/store.ts';
import { noteProject } from '../projects/store.ts';
import { stayVolumes } from '../volumes/store.ts';
import { ask } from './ask.ts';
import { assertNoJob } from './change.ts';
import type { Deps } from './deps.ts';
import { foresee } from './foresee.ts';
import { takeKept } from './kept-store.ts';
import { approve, planApp, readWish, type Wish } from './plan.ts';
import { toApp } from './present.ts';
import { type AppRow, insertApp, lockApp, wantApp } from './store.ts';

/**
 * Writes down that an app is wanted; nothing waits for the engine. The same request again is a
 * retry of the same app.
 */
export async function deployApp(
  deps: Deps,
  { body }: Input<typeof contract.deployApp>,
  caller: UserCaller,
): Promise<Reply<typeof contract.deployApp>> {
  const wish = await readWish(deps, body, caller);
  const { row, view } = await transaction(deps.db, async (tx) => {
    await noteProject(tx, caller);
    const app = await wishApp(deps, tx, wish);
    return ask(tx, app, 'deploy');
  });
  deps.loop.wake(view.id);
  return {
    app: toApp(view, deps.engines.lost(view.engine)),
    operation: toOperation(row, deps.progress),
  };
}

/** What {@link deployApp} would do now. */
export async function planDeployment(
  deps: Deps,
  { body }: Input<typeof plans.planDeployment>,
  caller: UserCaller,
): Promise<plans.Plan> {
  const wish = await readWish(deps, body, caller);
  return foresee(deps, async (tx) => ({ app: await wishApp(deps, tx, wish), review: null }));
}

/** Writes the app down, or finds that it is there already. */
async function wishApp(deps: Deps, tx: Tx, wish: Wish): Promise<AppRow> {
  const made = await insertNew(deps, tx, wish);
  if (made) return made;
  const app = await assertSame(deps, tx, wish);
  await assertNoJob(tx, app);
  await wantApp(tx, app.id, 'running');
  return app;
}

/** @returns nothing when there is an app of that name */
async function insertNew(deps: Deps, tx: Tx, wish: Wish): Promise<AppRow | undefined> {
  const { template, name, place, caller, engine, grants } = wish;
  const { projectId } = caller;
  const source = { name, store: template.store, template: template.id };
  const kept = await takeKept(tx, projectId, source);
  if (kept && kept.engine !== engine) throw dataElsewhere(name, kept.engine);
  if (kept) await stayVolumes(tx, kept.app_id, kept.volume_sets);
  const id = kept?.app_id ?? randomUUID();
  const app = await insertApp(tx, {
    ...source,
    id,
    project_id: projectId,
    version: template.version,
    network_id: place.networkId,
    engine,
    deployed_by: caller.username,
  });
  if (!app) return undefined;
  const before = kept ? openDocument(deps.sealer, id, kept.document) : undefined;
  const document = makeDocument(deps, wish, { id, before });
  await insertGrants(tx, id, grants, caller);
  await insertGeneration(tx, {
    appId: id,
    number: app.generation,
    cause: 'deploy',
    version: template.version,
    address: place.address,
    document: sealDocument(deps.sealer, id, document),
    outline: outlineOf(document.rendered),
    volumeSets: kept?.volume_sets ?? {},
    images: {},
  });
  const { services } = document.rendered;
  await claimPorts(tx, { appId: id, address: place.address, services });
  await placeNew(tx, { app, document, before, wish });
  return app;
}

/** @throws {Problem} `permission-needed`; `app-refused`; `invalid-request` */
function makeDocument(
  deps: Deps,
  wish: Wish,
  { id, before }: { readonly id: string; readonly before: Document | undefined },
): Document {
  const plan = planApp(deps, wish, { id, made: before?.parameters ?? {} });
  const pools = wish.pools ?? before?.pools;
  assertNeeded(plan.needed, wish.grants);
  const { requested, template } = wish;
  return { ...approve(plan), requested, written: template.written, ...(pools && { pools }) };
}

interface New {
  readonly app: AppRow;
  readonly document: Document;
  /** What an earlier app of the name was made of, whose volumes are there. */
  readonly before: Document | undefined;
  readonly wish: Wish;
}

async function placeNew(tx: Tx, { app, document, before, wish }: New): Promise<void> {
  const { volumes } = document.rendered;
  const there = before?.rendered.volumes ?? [];
  if (before) await assertPlaced(tx, app, { volumes, there, wish: wish.pools });
  const uses = wish.template.volumes;
  await placeVolumes(tx, app, { volumes, before: there, wish: document.pools, uses });
}

/**
 * @throws {Problem} `app-busy` while the app of that name is being destroyed; `engine-fixed` when it is
 *   on another engine; `name-taken` when it is not just what is asked for
 */
async function assertSame(deps: Deps, tx: Tx, wish: Wish): Promise<AppRow> {
  const { name, template, place, caller, requested, grants } = wish;
  const app = await lockApp(tx, caller.projectId, name);
  if (app.wanted === 'destroyed') {
    throw new Problem('app-busy', `"${name}" is being destroyed. Deploy it once it is gone.`);
  }
  if (app.engine !== wish.engine) throw runsElsewhere(name, app.engine);
  const sealed = await getDocument(tx, app.id, app.generation);
  const { requested: before, written, rendered } = openDocument(deps.sealer, app.id, sealed);
  const granted = (await findGrants(tx, app.id)).map(({ permission }) => permission);
  const isOwn = template.store === OWN_FILE;
  const isSame =
    app.store === template.store &&
    app.template === template.id &&
    app.network_id === place.networkId &&
    isDeepStrictEqual(before, requested) &&
    (!isOwn || isDeepStrictEqual(written, template.written)) &&
    grants.every(({ permission }) => granted.includes(permission));
  const { volumes } = rendered;
  if (isSame) {
    await assertPlaced(tx, app, { volumes, there: volumes, wish: wish.pools });
    return app;
  }
  throw new Problem(
    'name-taken',
    `There is already an app "${name}", made otherwise. Change it with "cep apps update ${name}${isOwn ? ' FILE' : ''}", or choose another name with --name.`,
  );
}

const runsElsewhere = (name: string, engine: string) =>
  new Problem(
    'engine-fixed',
    `"${name}" is on the engine "${engine}", and stays there. Deploy a second app with another --name; or destroy this one and its volumes first.`,
  );

const dataElsewhere = (name: string, engine: string) =>
  new Problem(
    'engine-fixed',
    `The data of an earlier "${name}" is on the engine "${engine}". Deploy it there, or choose another --name; without that data, after "cep storage volume delete --purge".`,
  );
