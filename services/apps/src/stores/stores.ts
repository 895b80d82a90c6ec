/** What can be done with stores: added, looked at again, shared and removed. */
import type { UserCaller } from '@cep/contracts/caller';
import type { Input } from '@cep/contracts/endpoint';
import { Problem } from '@cep/contracts/problems';
import type * as contract from '@cep/contracts/templates';
import { transaction } from '@cep/database/transaction';
import type { Pool } from 'pg';
import { createLimit } from '../reconciler/limit.ts';
import type { Store } from '../templates/builtin-store.ts';
import type { Fetched } from './files.ts';
import { fetchFolder } from './from-folder.ts';
import { fetchGit } from './from-git.ts';
import { readKey } from './index-file.ts';
import { type Location, readLocation } from './location.ts';
import { assertAdmin, maySee } from './may-see.ts';
import { readStore } from './read-store.ts';
import {
  deleteStore,
  findStores,
  getStore,
  insertStore,
  replaceTemplates,
  type StoreRow,
  updateShares,
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

/** Those that the caller sees. */
export async function listStores(
  { db, builtin }: StoreDeps,
  caller: UserCaller,
): Promise<contract.Store[]> {
  const rows = (await findStores(db)).filter((row) => maySee(row, caller));
  return rows.map((row) => describeStore(row, builtin, caller));
}

/**
 * Adds a store once it has been read: one that cannot be is not kept. Without a location it is empty,
 * and its templates are put there one by one.
 *
 * @throws {Problem} `forbidden`, `name-taken`, `store-unusable`
 */
export async function addStore(
  deps: StoreDeps,
  { body }: Input<typeof contract.addStore>,
  caller: UserCaller,
): Promise<contract.Store> {
  assertAdmin(caller);
  const { db, builtin } = deps;
  const { name, everyone } = body;
  const taken = (await findStores(db)).map((store) => store.name);
  if (taken.includes(name)) {
    throw new Problem('name-taken', `There is already a store "${name}". Choose another name.`);
  }
  const { read, ...found } = await look(deps, body);
  await transaction(db, async (tx) => {
    await insertStore(tx, { name, everyone, ...found });
    if (read) await replaceTemplates(tx, name, read);
  });
  return describeStore(await getStore(db, name), builtin, caller);
}

/** What a new store is, and has. */
async function look(
  { registries }: StoreDeps,
  { name, location: text, key }: Input<typeof contract.addStore>['body'],
) {
  const public_key = key === undefined ? null : readKey(key);
  if (text === undefined) {
    if (public_key === null) return { kind: 'own' as const, location: null, public_key };
    throw new Problem('invalid-request', 'A key goes with a location: say where the store is.');
  }
  const location = readLocation(text, public_key !== null);
  const { files, revision } = await fetchFrom(location);
  const read = await readStore(files, { name, key: public_key, serial: 0, registries });
  const { kind, at } = location;
  return { kind, location: at, public_key, read: { ...read, revision } };
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
  const { kind, location, public_key: key, serial } = await getStore(db, name);
  if (kind === 'builtin') throw builtinStays();
  if (kind === 'own' || location === null) {
    const sentence = `"${name}" has only what is put there: see "cep apps template add --help".`;
    throw new Problem('invalid-request', sentence);
  }
  const { files, revision } = await fetchFrom({ kind, at: location });
  const read = await readStore(files, { name, key, serial, registries });
  await transaction(db, (tx) => replaceTemplates(tx, name, { ...read, revision }));
  return describeStore(await getStore(db, name), builtin, caller);
}

/**
 * Says who sees a store and may deploy from it, besides administrators. What is deployed stays.
 *
 * @throws {Problem} `forbidden`, `not-found`
 */
export async function shareStore(
  { db, builtin }: StoreDeps,
  { params, body }: Input<typeof contract.shareStore>,
  caller: UserCaller,
): Promise<contract.Store> {
  assertAdmin(caller);
  await updateShares(db, params.store, body);
  return describeStore(await getStore(db, params.store), builtin, caller);
}

/** @throws {Problem} `forbidden`, `not-found` */
export async function removeStore({ db, builtin }: StoreDeps, name: string, caller: UserCaller) {
  assertAdmin(caller);
  if (name === builtin.name) throw builtinStays();
  await deleteStore(db, name);
}

const builtinStays = () =>
  new Problem('invalid-request', 'This store comes with cep: it changes with cep, and stays.');

/** Who else it is open to is for administrators. */
function describeStore(
  row: StoreRow,
  builtin: Store,
  { role, projectName }: UserCaller,
): contract.Store {
  const { kind, projects } = row;
  return {
    name: row.name,
    kind,
    templates: kind === 'builtin' ? builtin.templates.size : row.templates,
    location: row.location,
    signed: row.public_key !== null,
    revision: row.revision,
    refreshedAt: kind === 'builtin' ? null : row.refreshed_at.toISOString(),
    warnings: [...row.warnings],
    everyone: row.everyone,
    projects: projects.filter((each) => role === 'admin' || each === projectName),
  };
}
