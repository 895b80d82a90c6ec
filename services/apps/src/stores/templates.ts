/** What stores have: seen by who may, deployed unless it is disabled, and put there by hand. */
import type { UserCaller } from '@cep/contracts/caller';
import type { Input } from '@cep/contracts/endpoint';
import { Problem } from '@cep/contracts/problems';
import type * as contract from '@cep/contracts/templates';
import { type Db, type Tx, transaction } from '@cep/database/transaction';
import type { Store } from '../templates/builtin-store.ts';
import { describeTemplate, summariseTemplate } from '../templates/describe.ts';
import { readTemplate, type Template } from '../templates/template.ts';
import { assertAdmin, getVisible } from './may-see.ts';
import { readOne } from './read-store.ts';
import { lockStore, type StoreRow } from './store.ts';
import type { StoreDeps } from './stores.ts';
import {
  deleteDisabled,
  deleteTemplate,
  findOutlines,
  findSource,
  insertDisabled,
  upsertTemplate,
} from './template-store.ts';

const MAX_TEMPLATES = 2_000;

interface Source {
  readonly db: Db;
  readonly builtin: Store;
}

interface Named {
  readonly store: string;
  readonly id: string;
}

/** Those that are disabled are listed to administrators alone. @throws {Problem} `not-found` */
export async function listTemplates(
  { db, builtin }: StoreDeps,
  name: string,
  caller: UserCaller,
): Promise<contract.Template[]> {
  const { kind, disabled } = await getVisible(db, name, caller);
  const outlines =
    kind === 'builtin'
      ? [...builtin.templates.values()].map(summariseTemplate)
      : await findOutlines(db, name);
  return outlines
    .map((outline) => ({ ...outline, enabled: !disabled.includes(outline.id) }))
    .filter(({ enabled }) => enabled || caller.role === 'admin');
}

/** @throws {Problem} `not-found`, for who is no administrator also for one that is disabled */
export async function showTemplate(
  from: Source,
  named: Named,
  caller: UserCaller,
): Promise<contract.TemplateDetails> {
  const store = await getVisible(from.db, named.store, caller);
  const enabled = !store.disabled.includes(named.id);
  if (!enabled && caller.role !== 'admin') throw unknownTemplate(named);
  return { ...describeTemplate(await readFrom(from, store, named)), enabled };
}

/**
 * A template for what is made of it.
 *
 * @throws {Problem} `not-found`; `template-disabled`, for administrators too
 */
export async function getTemplate(
  from: Source,
  named: Named,
  caller: UserCaller,
): Promise<Template> {
  const store = await getVisible(from.db, named.store, caller);
  const template = await readFrom(from, store, named);
  if (!store.disabled.includes(named.id)) return template;
  throw new Problem(
    'template-disabled',
    `An administrator has disabled "${named.id}" of the store "${named.store}": nothing new is made of it. What runs goes on. It is enabled by "cep apps template enable ${named.id} --store ${named.store}".`,
  );
}

async function readFrom({ db, builtin }: Source, store: StoreRow, named: Named): Promise<Template> {
  const { id } = named;
  const template =
    store.kind === 'builtin' ? builtin.templates.get(id) : await readKept(db, store.name, id);
  if (template) return template;
  throw unknownTemplate(named);
}

async function readKept(db: Db, store: string, id: string): Promise<Template | undefined> {
  const source = await findSource(db, store, id);
  return source && readTemplate({ store, id, ...source });
}

const unknownTemplate = ({ store, id }: Named): Problem =>
  new Problem(
    'not-found',
    `The store "${store}" has no app "${id}". See "cep apps store list --store ${store}".`,
  );

/** The same again changes nothing. @throws {Problem} `forbidden`, `not-found` */
export async function changeTemplate(
  { db, builtin }: StoreDeps,
  { params, body }: Input<typeof contract.changeTemplate>,
  caller: UserCaller,
): Promise<contract.Template> {
  assertAdmin(caller);
  const named = { store: params.store, id: params.app };
  const { enabled } = body;
  return transaction(db, async (tx) => {
    const store = await lockStore(tx, named.store);
    const template = await readFrom({ db: tx, builtin }, store, named);
    await (enabled ? deleteDisabled : insertDisabled)(tx, named.store, named.id);
    return { ...summariseTemplate(template), enabled };
  });
}

/**
 * Puts a template into a store of kind `own`, or another revision of it in its place, once it was
 * rendered and judged. The same again changes nothing.
 *
 * @throws {Problem} `forbidden`; `not-found` for the store; `invalid-request` for a store that has its
 *   templates from elsewhere, a template that is wrong, and a revision that does not rise; `app-refused`
 */
export async function putTemplate(
  { db, registries }: StoreDeps,
  { params, body }: Input<typeof contract.putTemplate>,
  caller: UserCaller,
): Promise<contract.Template> {
  assertAdmin(caller);
  const { store: name, app: id } = params;
  const source = { store: name, id, ...body };
  const { revision, ...template } = readOne(source, registries);
  return transaction(db, async (tx) => {
    const store = await lockOwn(tx, name);
    const enabled = !store.disabled.includes(id);
    const before = await findSource(tx, name, id);
    const isSame = before?.compose === body.compose && before.readme === body.readme;
    if (before && !isSame) assertRises(readTemplate({ store: name, id, ...before }), revision);
    if (!before && store.templates >= MAX_TEMPLATES) {
      throw new Problem('invalid-request', `A store has at most ${MAX_TEMPLATES} templates.`);
    }
    if (!isSame) await upsertTemplate(tx, name, template);
    return { ...template.outline, enabled };
  });
}

/** Apps are told by it what they are of. */
function assertRises({ id, revision: before }: Template, revision: number): void {
  if (revision > before) return;
  throw new Problem(
    'invalid-request',
    `There is "${id}" of revision ${before}, and this one is of revision ${revision}: x-cep/revision must go up with every change.`,
  );
}

/** @throws {Problem} `forbidden`; `not-found`; `invalid-request` for a store that has them from elsewhere */
export async function removeTemplate(
  { db }: StoreDeps,
  { params }: Input<typeof contract.removeTemplate>,
  caller: UserCaller,
): Promise<void> {
  assertAdmin(caller);
  const { store, app: id } = params;
  await transaction(db, async (tx) => {
    await lockOwn(tx, store);
    if (!(await deleteTemplate(tx, store, id))) throw unknownTemplate({ store, id });
    await deleteDisabled(tx, store, id);
  });
}

async function lockOwn(tx: Tx, name: string): Promise<StoreRow> {
  const store = await lockStore(tx, name);
  if (store.kind === 'own') return store;
  const where = store.location ?? 'cep itself';
  throw new Problem(
    'invalid-request',
    `The store "${name}" has its templates from ${where}: change them there, or disable them. One that takes them by hand is made by "cep apps store add NAME".`,
  );
}
