import { randomBytes, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type * as contract from '@cep/contracts/apps';
import type { UserCaller } from '@cep/contracts/caller';
import type { Input, Reply } from '@cep/contracts/endpoint';
import { Problem } from '@cep/contracts/problems';
import { type Tx, transaction } from '@cep/database/transaction';
import { type Document, openDocument, outlineOf, sealDocument } from '../generations/document.ts';
import { getDocument, insertGeneration } from '../generations/store.ts';
import { type Placement, placeOn } from '../networks/placement.ts';
import { toOperation } from '../operations/operations.ts';
import { insertOperation } from '../operations/store.ts';
import { claimPort } from '../ports/store.ts';
import { getTemplate } from '../stores/stores.ts';
import { resolveParameters } from '../templates/parameters.ts';
import { render } from '../templates/render.ts';
import type { Template } from '../templates/template.ts';
import type { Deps } from './deps.ts';
import { takeKept } from './kept-store.ts';
import { toApp } from './present.ts';
import { type AppRow, getAppView, insertApp, lockApp } from './store.ts';

/** What one deployment asks for, before there is an app. */
interface Wish {
  readonly template: Template;
  readonly name: string;
  readonly projectId: string;
  readonly place: Placement;
  readonly requested: Readonly<Record<string, string>>;
}

/**
 * Writes down that an app is wanted; nothing waits for the engine. The same request again is a
 * retry of the same app.
 */
export async function deployApp(
  deps: Deps,
  { body }: Input<typeof contract.deployApp>,
  { projectId }: UserCaller,
): Promise<Reply<typeof contract.deployApp>> {
  const wish = {
    template: await findTemplate(deps, body),
    name: body.name ?? body.template,
    projectId,
    place: await placeOn(deps.db, { projectId, network: body.network }, deps.hostAddresses),
    requested: body.parameters,
  };
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

/** Of the store that comes with cep unless another is named. */
function findTemplate(
  { db, store: builtin }: Deps,
  { store = builtin.name, template }: { readonly store?: string; readonly template: string },
): Promise<Template> {
  return getTemplate({ db, builtin }, store, template);
}

/** @returns nothing when there is an app of that name */
async function insertNew(deps: Deps, tx: Tx, wish: Wish): Promise<AppRow | undefined> {
  const { template, name, projectId, place } = wish;
  const source = { name, store: template.store, template: template.id };
  const kept = await takeKept(tx, projectId, source);
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

/** @param made  generated before, and written into volumes that are still there */
function makeDocument(
  { timezone }: Deps,
  { template, name, place, requested }: Wish,
  { id, made }: { readonly id: string; readonly made: Readonly<Record<string, string>> },
): Document {
  const again = template.parameters.flatMap(({ name: parameter, generate }) =>
    generate && made[parameter] !== undefined ? [[parameter, made[parameter]]] : [],
  );
  const given = { ...Object.fromEntries(again), ...requested };
  const { values, secrets } = resolveParameters(template, given, { random: randomBytes });
  const builtins = {
    CEP_APP_ID: id,
    CEP_APP_NAME: name,
    CEP_HOST: place.address,
    CEP_TZ: timezone,
  };
  return {
    requested,
    parameters: values,
    sensitive: [...secrets],
    rendered: render(template, values, builtins),
  };
}

/**
 * @throws {Problem} `app-busy` while the app of that name is being destroyed; `name-taken` when it
 *   is not just what is asked for
 */
async function assertSame(deps: Deps, tx: Tx, wish: Wish): Promise<void> {
  const { name, template, place, projectId, requested } = wish;
  const app = await lockApp(tx, projectId, name);
  if (app.wanted === 'destroyed') {
    throw new Problem('app-busy', `"${name}" is being destroyed. Deploy it once it is gone.`);
  }
  const sealed = await getDocument(tx, app.id, app.generation);
  const isSame =
    app.store === template.store &&
    app.template === template.id &&
    app.network_id === place.networkId &&
    isDeepStrictEqual(openDocument(deps.sealer, app.id, sealed).requested, requested);
  if (isSame) return;
  throw new Problem(
    'name-taken',
    `There is already an app "${name}", made otherwise. Choose another name with --name, or destroy it first.`,
  );
}
