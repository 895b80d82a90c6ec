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
import { claimPorts } from '../ports/store.ts';
import { getTemplate } from '../templates/builtin-store.ts';
import { resolveParameters } from '../templates/parameters.ts';
import { render } from '../templates/render.ts';
import type { Template } from '../templates/template.ts';
import { stayVolumes } from '../volumes/store.ts';
import { ask } from './ask.ts';
import type { Deps } from './deps.ts';
import { foresee } from './foresee.ts';
import { takeKept } from './kept-store.ts';
import { toApp } from './present.ts';
import { type AppRow, insertApp, lockApp, wantApp } from './store.ts';

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
  const wish = await readWish(deps, body, projectId);
  const { row, view } = await transaction(deps.db, async (tx) => {
    const app = await wishApp(deps, tx, wish);
    return ask(tx, app, 'deploy');
  });
  deps.loop.wake(view.id);
  return { app: toApp(view, deps.engineIsUp()), operation: toOperation(row, deps.progress) };
}

/** What {@link deployApp} would do now. */
export async function planDeployment(
  deps: Deps,
  { body }: Input<typeof contract.planDeployment>,
  { projectId }: UserCaller,
): Promise<contract.Plan> {
  const wish = await readWish(deps, body, projectId);
  return foresee(deps, async (tx) => wishApp(deps, tx, wish));
}

/** Writes the app down, or finds that it is there already. */
async function wishApp(deps: Deps, tx: Tx, wish: Wish): Promise<AppRow> {
  const made = await insertNew(deps, tx, wish);
  if (made) return made;
  const app = await assertSame(deps, tx, wish);
  await wantApp(tx, app.id, 'running');
  return app;
}

async function readWish(
  deps: Deps,
  body: Input<typeof contract.deployApp>['body'],
  projectId: string,
): Promise<Wish> {
  return {
    template: findTemplate(deps, body),
    name: body.name ?? body.template,
    projectId,
    place: await placeOn(deps.db, { projectId, network: body.network }, deps.hostAddresses),
    requested: body.parameters,
  };
}

export function findTemplate(
  { store }: Deps,
  { store: name = store.name, template }: { readonly store?: string; readonly template: string },
): Template {
  if (name === store.name) return getTemplate(store, template);
  throw new Problem('not-found', `There is no store "${name}". There is "${store.name}".`);
}

/** @returns nothing when there is an app of that name */
async function insertNew(deps: Deps, tx: Tx, wish: Wish): Promise<AppRow | undefined> {
  const { template, name, projectId, place } = wish;
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
  await insertGeneration(tx, {
    appId: id,
    number: app.generation,
    cause: 'deploy',
    version: template.version,
    address: place.address,
    document: sealDocument(deps.sealer, id, document),
    outline: outlineOf(document.rendered),
  });
  const { services } = document.rendered;
  await claimPorts(tx, { appId: id, address: place.address, services });
  return app;
}

/** @param made  generated before, and written into volumes that are still there */
function makeDocument(
  deps: Deps,
  { template, name, place, requested }: Wish,
  { id, made }: { readonly id: string; readonly made: Readonly<Record<string, string>> },
): Document {
  const again = template.parameters.flatMap(({ name: parameter, generate }) =>
    generate && made[parameter] !== undefined ? [[parameter, made[parameter]]] : [],
  );
  const given = { ...Object.fromEntries(again), ...requested };
  const { values, secrets } = resolveParameters(template, given, { random: randomBytes });
  const builtins = builtinsOf(deps, { id, name, address: place.address });
  return {
    requested,
    parameters: values,
    sensitive: [...secrets],
    rendered: render(template, values, builtins),
  };
}

/** What cep itself tells an app. */
export const builtinsOf = (
  { timezone }: Deps,
  { id, name, address }: { readonly id: string; readonly name: string; readonly address: string },
) => ({ CEP_APP_ID: id, CEP_APP_NAME: name, CEP_HOST: address, CEP_TZ: timezone });

/**
 * @throws {Problem} `app-busy` while the app of that name is being destroyed; `name-taken` when it
 *   is not just what is asked for
 */
async function assertSame(deps: Deps, tx: Tx, wish: Wish): Promise<AppRow> {
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
  if (isSame) return app;
  throw new Problem(
    'name-taken',
    `There is already an app "${name}", made otherwise. Change it with "cep apps update ${name}", or choose another name with --name.`,
  );
}
