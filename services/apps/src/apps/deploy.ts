import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type * as contract from '@cep/contracts/apps';
import type { UserCaller } from '@cep/contracts/caller';
import type { Input, Reply } from '@cep/contracts/endpoint';
import { Problem } from '@cep/contracts/problems';
import { OWN_FILE } from '@cep/contracts/templates';
import { type Tx, transaction } from '@cep/database/transaction';
import { type Document, openDocument, outlineOf, sealDocument } from '../generations/document.ts';
import { getDocument, insertGeneration } from '../generations/store.ts';
import { assertGranted, assertNeeded } from '../grants/grants.ts';
import { findGrants, insertGrants } from '../grants/store.ts';
import { toOperation } from '../operations/operations.ts';
import { insertOperation } from '../operations/store.ts';
import { claimPort } from '../ports/store.ts';
import { assertAllowed } from '../renderings/verdict.ts';
import { stayVolumes } from '../volumes/store.ts';
import type { Deps } from './deps.ts';
import { takeKept } from './kept-store.ts';
import { planApp, readWish, type Wish } from './plan.ts';
import { toApp } from './present.ts';
import { type AppRow, getAppView, insertApp, lockApp } from './store.ts';

/**
 * Writes down that an app is wanted; nothing waits for the engine. The same request again is a
 * retry of the same app.
 */
export async function deployApp(
  deps: Deps,
  { body }: Input<typeof contract.deployApp>,
  caller: UserCaller,
): Promise<Reply<typeof contract.deployApp>> {
  const { projectId } = caller;
  const wish = await readWish(deps, body, caller);
  const { row, view } = await transaction(deps.db, async (tx) => {
    const app = await insertNew(deps, tx, wish);
    if (!app) await assertSame(deps, tx, wish);
    const current = await getAppView(tx, projectId, wish.name);
    const operation = { projectId, appId: current.id, app: wish.name, kind: 'deploy' as const };
    return {
      row: await insertOperation(tx, { id: randomUUID(), ...operation }),
      view: current,
    };
  });
  deps.loop.wake(view.id);
  return { app: toApp(view, deps.engineIsUp()), operation: toOperation(row, deps.progress) };
}

/** @returns nothing when there is an app of that name */
async function insertNew(deps: Deps, tx: Tx, wish: Wish): Promise<AppRow | undefined> {
  const { template, name, place, caller, grants } = wish;
  const { projectId } = caller;
  const source = { name, store: template.store, template: template.id };
  const kept = await takeKept(tx, projectId, source);
  if (kept) await stayVolumes(tx, kept.app_id);
  const id = kept?.app_id ?? randomUUID();
  const app = await insertApp(tx, {
    ...source,
    id,
    project_id: projectId,
    version: template.version,
    network_id: place.networkId,
  });
  if (!app) return undefined;
  const made = kept ? openDocument(deps.sealer, id, kept.document).parameters : {};
  const document = makeDocument(deps, wish, { id, made });
  await insertGrants(tx, id, grants, caller);
  await insertGeneration(tx, {
    appId: id,
    number: app.generation,
    address: place.address,
    document: sealDocument(deps.sealer, id, document),
    outline: outlineOf(document.rendered),
  });
  for (const { name: service, ports } of document.rendered.services) {
    for (const { target, protocol, published: wanted, fixed } of ports) {
      const { address } = place;
      await claimPort(tx, { appId: id, address, service, target, protocol, wanted, fixed });
    }
  }
  return app;
}

/** @throws {Problem} `permission-needed`; `app-refused`; `invalid-request` */
function makeDocument(
  deps: Deps,
  wish: Wish,
  known: { readonly id: string; readonly made: Readonly<Record<string, string>> },
): Document {
  const { rendered, values, secrets, needed, granted, ...judged } = planApp(deps, wish, known);
  assertAllowed(judged.hopeless);
  assertGranted(needed, granted);
  assertNeeded(needed, wish.grants);
  assertAllowed(judged.refusals);
  return {
    requested: wish.requested,
    parameters: values,
    sensitive: [...secrets],
    rendered,
    written: wish.template.written,
  };
}

/**
 * @throws {Problem} `app-busy` while the app of that name is being destroyed; `name-taken` when it
 *   is not just what is asked for
 */
async function assertSame(deps: Deps, tx: Tx, wish: Wish): Promise<void> {
  const { name, template, place, caller, requested, grants } = wish;
  const app = await lockApp(tx, caller.projectId, name);
  if (app.wanted === 'destroyed') {
    throw new Problem('app-busy', `"${name}" is being destroyed. Deploy it once it is gone.`);
  }
  const sealed = await getDocument(tx, app.id, app.generation);
  const { requested: before, written } = openDocument(deps.sealer, app.id, sealed);
  const granted = (await findGrants(tx, app.id)).map(({ permission }) => permission);
  const isOwn = template.store === OWN_FILE;
  const isSame =
    app.store === template.store &&
    app.template === template.id &&
    app.network_id === place.networkId &&
    isDeepStrictEqual(before, requested) &&
    (!isOwn || isDeepStrictEqual(written, template.written)) &&
    grants.every(({ permission }) => granted.includes(permission));
  if (isSame) return;
  throw new Problem(
    'name-taken',
    `There is already an app "${name}", made otherwise. Choose another name with --name, or destroy it first.`,
  );
}
