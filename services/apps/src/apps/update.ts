/** New generations of an app: its template as it is now, other parameters, or what it was before. */
import { isDeepStrictEqual } from 'node:util';
import type * as contract from '@cep/contracts/apps';
import type { UserCaller } from '@cep/contracts/caller';
import type { Input, Reply } from '@cep/contracts/endpoint';
import type * as plans from '@cep/contracts/plans';
import type { Review } from '@cep/contracts/plans';
import { Problem } from '@cep/contracts/problems';
import type { Tx } from '@cep/database/transaction';
import { backUpBefore } from '../backups/before-update.ts';
import { type Document, openDocument, outlineOf, sealDocument } from '../generations/document.ts';
import { findGenerations, type GenerationRow } from '../generations/store.ts';
import { assertMayGrant, assertNeeded } from '../grants/grants.ts';
import { findGrants, insertGrants } from '../grants/store.ts';
import { onlyOf } from '../pools/choose.ts';
import { placeVolumes } from '../pools/place.ts';
import { assertJump } from '../templates/jump.ts';
import type { Template } from '../templates/template.ts';
import { addGeneration, currentOf } from './add-generation.ts';
import { change, lockPresent } from './change.ts';
import type { Deps } from './deps.ts';
import { foresee } from './foresee.ts';
import { carried, hasMoved } from './image-changes.ts';
import { approve, planApp } from './plan.ts';
import { reviewOf } from './review.ts';
import { type AppRow, wantApp } from './store.ts';
import { templateOf } from './template-of.ts';

type Changed = Reply<typeof contract.updateApp>;

/**
 * Brings an app to its template, or the given file, as it is now. The same again changes nothing.
 *
 * @throws {Problem} `not-found` and `template-disabled` for the template; `forbidden` for grants by who is no administrator; `invalid-request`; `port-taken`
 */
export async function updateApp(
  deps: Deps,
  input: Input<typeof contract.updateApp>,
  caller: UserCaller,
): Promise<Changed> {
  assertMayGrant(caller, input.body.grants ?? []);
  const isMoved = await hasMoved(deps, caller.projectId, input.params.app);
  return change(deps, { input, caller, kind: 'update' }, (tx, app) =>
    update(deps, tx, { app, isMoved, caller, ...input }),
  );
}

/** What {@link updateApp} would do now, also where something has to be granted first. */
export async function planUpdate(
  deps: Deps,
  { params, body }: Input<typeof plans.planUpdate>,
  caller: UserCaller,
): Promise<plans.Plan> {
  const { projectId } = caller;
  assertMayGrant(caller, body.grants ?? []);
  const isMoved = await hasMoved(deps, projectId, params.app);
  return foresee(deps, async (tx) => {
    const app = await lockPresent(tx, projectId, params.app);
    const review = await update(deps, tx, { app, body, isMoved, caller, isForeseen: true });
    return { app, review };
  });
}

/**
 * Makes what an earlier generation was the wanted one, as a generation of its own.
 *
 * @throws {Problem} `not-found` for the generation; `nothing-to-do` without a good one before
 */
export const rollbackApp = (
  deps: Deps,
  input: Input<typeof contract.rollbackApp>,
  caller: UserCaller,
): Promise<Changed> =>
  change(deps, { input, caller, kind: 'rollback' }, async (tx, app) => {
    const all = await findGenerations(tx, app.id);
    const target = targetOf(app, all, input.body.generation);
    await addGeneration(deps, tx, { ...target, app, cause: 'rollback' });
  });

interface Update {
  readonly app: AppRow;
  /** Whether an image is another one now, under the same name. */
  readonly isMoved: boolean;
  readonly body: Input<typeof contract.updateApp>['body'];
  readonly caller: UserCaller;
  /** Whether it is only looked at: then what would have to be granted counts as granted. */
  readonly isForeseen?: boolean;
}

async function update(deps: Deps, tx: Tx, wanted: Update): Promise<Review> {
  const { app, body, isMoved, caller, isForeseen = false } = wanted;
  const { sealer } = deps;
  const now = await currentOf(tx, app);
  const document = openDocument(sealer, app.id, now.document);
  const template = await templateOf(deps, tx, { app, document, body, caller });
  if (body.version !== undefined && body.version !== template.version) {
    const sentence = `The store has ${template.id} ${template.version}, not ${body.version}.`;
    throw new Problem('not-found', sentence);
  }
  assertJump(template, document.written);
  const requested = { ...document.requested, ...body.parameters };
  assertMutable(template.parameters, document, requested);
  const known = template.parameters.map(({ name }) => name);
  const given = Object.entries(document.requested).filter(([name]) => known.includes(name));
  const values = { ...Object.fromEntries(given), ...body.parameters };
  const { machine } = await deps.engines.of(app.engine);
  const { grants = [] } = body;
  const wish = {
    ...{ machine, template, name: app.name, requested: values },
    ...{ caller: { projectId: app.project_id }, place: { address: now.address } },
    grants: [...(await findGrants(tx, app.id)), ...grants],
  };
  // What was generated once is kept: it stands in volumes.
  const made = { id: app.id, made: document.parameters };
  const asked = planApp(deps, wish, made);
  assertNeeded(asked.needed, grants);
  const plan = isForeseen ? planApp(deps, { ...wish, grants: asked.needed }, made) : asked;
  const review = reviewOf({
    ...{ version: { from: app.version, to: template.version }, template },
    ...{ before: document.rendered, after: plan.rendered },
    ...{ needed: asked.needed, granted: wish.grants.map(({ permission }) => permission) },
  });
  const next = {
    ...approve(plan),
    written: template.written,
    ...(document.pools && { pools: document.pools }),
    requested: Object.fromEntries(
      Object.entries(requested).filter(([name]) => known.includes(name)),
    ),
  };
  await insertGrants(tx, app.id, grants, caller);
  await wantApp(tx, app.id, 'running');
  // As it will be read again: what is kept has been JSON.
  const isSame = isDeepStrictEqual(JSON.parse(JSON.stringify(next)), document);
  if (isSame && !isMoved && app.version === template.version) return review;
  await addGeneration(deps, tx, {
    ...{ app, cause: 'update' as const, address: now.address, version: template.version },
    ...{ document: sealDocument(sealer, app.id, next), outline: outlineOf(next.rendered) },
    images: carried(now.images ?? {}, next.rendered),
  });
  await placeVolumes(tx, app, {
    ...{ volumes: next.rendered.volumes, before: document.rendered.volumes },
    ...{ wish: onlyOf(document.pools, next.rendered.volumes), uses: template.volumes },
    sets: now.volume_sets,
  });
  await backUpBefore(deps, tx, { before: app, template });
  return review;
}

/** @throws {Problem} `invalid-request` for a new value that would have no effect any more */
function assertMutable(
  parameters: Template['parameters'],
  { parameters: before }: Document,
  requested: Readonly<Record<string, string>>,
): void {
  for (const { name, immutable } of parameters) {
    const value = requested[name];
    if (!immutable || value === undefined || before[name] === undefined) continue;
    if (value === before[name]) continue;
    throw new Problem(
      'invalid-request',
      `${name} cannot be changed once the app has started. Deploy another app with it.`,
    );
  }
}

function targetOf(
  app: AppRow,
  generations: readonly GenerationRow[],
  number: number | undefined,
): GenerationRow {
  if (number === undefined) {
    const before = generations.find(
      (each) => each.state === 'good' && each.number < app.generation,
    );
    if (before) return before;
    throw new Problem('nothing-to-do', `"${app.name}" has no earlier generation that ran.`);
  }
  const target = generations.find((each) => each.number === number);
  if (!target) {
    const sentence = `"${app.name}" has no generation ${number}. See "cep apps history ${app.name}".`;
    throw new Problem('not-found', sentence);
  }
  if (target.number !== app.generation) return target;
  throw new Problem('nothing-to-do', `Generation ${number} is what "${app.name}" is already.`);
}
