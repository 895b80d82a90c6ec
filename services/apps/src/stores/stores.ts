/** What can be done with stores: added, looked at again, removed, and what they have. */
import type { UserCaller } from '@cep/contracts/caller';
import type { Input } from '@cep/contracts/endpoint';
import { Problem } from '@cep/contracts/problems';
import type * as contract from '@cep/contracts/templates';
import { type Db, transaction } from '@cep/database/transaction';
import type { Pool } from 'pg';
import { createLimit } from '../reconciler/limit.ts';
import { getTemplate as getBuiltin, type Store } from '../templates/builtin-store.ts';
import { summariseTemplate } from '../templates/describe.ts';
import { readTemplate, type Template } from '../templates/template.ts';
import type { Fetched } from './files.ts';
import { fetchFolder } from './from-folder.ts';
import { fetchGit } from './from-git.ts';
import { readKey } from './index-file.ts';
import { type Location, readLocation } from './location.ts';
import { readStore } from './read-store.ts';
import {
  deleteStore,
  findOutlines,
  findStores,
  getSource,
  getStore,
  insertStore,
  replaceTemplates,
  type StoreRow,
} from './store.ts';

export interface StoreDeps {
  readonly db: Pool;
  readonly builtin: Store;
  /** Where the images of apps may come from; from anywhere when left out. */
  readonly registries?: readonly string[] | undefined;
}

/** Each may hold as much as a store may have. */
const oneAtATime = createLimit(1);

const fetchFrom = ({ kind, at }: Location): Promise<Fetched> =>
  oneAtATime(() => (kind === 'git' ? fetchGit(at) : fetchFolder(at)));

export async function listStores({ db, builtin }: StoreDeps): Promise<contract.Store[]> {
  return [describeBuiltin(builtin), ...(await findStores(db)).map(describeStore)];
}

export async function listTemplates({ db, builtin }: StoreDeps, store: string) {
  if (store === builtin.name) return [...builtin.templates.values()].map(summariseTemplate);
  await getStore(db, store);
  return findOutlines(db, store);
}

/** @throws {Problem} `not-found` */
export async function getTemplate(
  { db, builtin }: { readonly db: Db; readonly builtin: Store },
  store: string,
  id: string,
): Promise<Template> {
  if (store === builtin.name) return getBuiltin(builtin, id);
  await getStore(db, store);
  return readTemplate({ store, id, ...(await getSource(db, store, id)) });
}

/**
 * Adds a store once it has been read: one that cannot be is not kept.
 *
 * @throws {Problem} `forbidden`, `name-taken`, `store-unusable`
 */
export async function addStore(
  { db, builtin, registries }: StoreDeps,
  { body }: Input<typeof contract.addStore>,
  caller: UserCaller,
): Promise<contract.Store> {
  assertAdmin(caller);
  const { name, key } = body;
  const taken = [builtin.name, ...(await findStores(db)).map((store) => store.name)];
  if (taken.includes(name)) {
    throw new Problem('name-taken', `There is already a store "${name}". Choose another name.`);
  }
  const public_key = key === undefined ? null : readKey(key);
  const location = readLocation(body.location, public_key !== null);
  const { files, revision } = await fetchFrom(location);
  const read = await readStore(files, { name, key: public_key, serial: 0, registries });
  await transaction(db, async (tx) => {
    await insertStore(tx, { name, kind: location.kind, location: location.at, public_key });
    await replaceTemplates(tx, name, { ...read, revision });
  });
  return describeStore(await getStore(db, name));
}

/**
 * Looks again. What cannot be read leaves the store as it was; apps that run are never touched.
 *
 * @throws {Problem} `forbidden`, `not-found`, `store-unusable`
 */
export async function refreshStore(
  { db, builtin, registries }: StoreDeps,
  name: string,
  caller: UserCaller,
): Promise<contract.Store> {
  assertAdmin(caller);
  if (name === builtin.name) throw builtinStays();
  const { kind, location, public_key: key, serial } = await getStore(db, name);
  const { files, revision } = await fetchFrom({ kind, at: location });
  const read = await readStore(files, { name, key, serial, registries });
  await transaction(db, (tx) => replaceTemplates(tx, name, { ...read, revision }));
  return describeStore(await getStore(db, name));
}

/** @throws {Problem} `forbidden`, `not-found` */
export async function removeStore({ db, builtin }: StoreDeps, name: string, caller: UserCaller) {
  assertAdmin(caller);
  if (name === builtin.name) throw builtinStays();
  await deleteStore(db, name);
}

function assertAdmin({ role }: UserCaller): void {
  if (role === 'admin') return;
  throw new Problem('forbidden', 'Only an administrator adds, refreshes and removes stores.');
}

const builtinStays = () =>
  new Problem('invalid-request', 'This store comes with cep: it changes with cep, and stays.');

const describeBuiltin = ({ name, templates }: Store): contract.Store => ({
  name,
  kind: 'builtin',
  templates: templates.size,
  location: null,
  signed: false,
  revision: null,
  refreshedAt: null,
  warnings: [],
});

const describeStore = (row: StoreRow): contract.Store => ({
  name: row.name,
  kind: row.kind,
  templates: row.templates,
  location: row.location,
  signed: row.public_key !== null,
  revision: row.revision,
  refreshedAt: row.refreshed_at.toISOString(),
  warnings: [...row.warnings],
});
