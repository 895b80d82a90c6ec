/** What administrators do with engines. */
import type { UserCaller } from '@cep/contracts/caller';
import type { Input, Reply } from '@cep/contracts/endpoint';
import type * as contract from '@cep/contracts/engines';
import { Problem } from '@cep/contracts/problems';
import { type Tx, transaction } from '@cep/database/transaction';
import type { Sealer } from '@cep/sealing/sealer';
import type { Pool } from 'pg';
import type { Description } from '../engine/about.ts';
import type { Access } from '../engine/connection.ts';
import { isHostAddress } from '../networks/store.ts';
import { findPool, insertPool } from '../pools/store.ts';
import { addressIn, readAccess, readAddresses } from './access.ts';
import { openKey, sealKey } from './key.ts';
import { LOCAL } from './local.ts';
import { meetEngine } from './meet.ts';
import { toEngine } from './present.ts';
import type { Engines } from './registry.ts';
import {
  countApps,
  deleteEngine,
  type EngineRow,
  findAppsOn,
  findDataOn,
  findEngines,
  getEngine as getRow,
  lockEngine,
  updateShares,
  upsertEngine,
} from './store.ts';

export interface Deps {
  readonly db: Pool;
  readonly sealer: Sealer;
  /** The id of this installation. */
  readonly instance: string;
  readonly engines: Engines;
}

export async function listEngines(
  deps: Deps,
  caller: UserCaller,
): Promise<Reply<typeof contract.listEngines>> {
  assertAdmin(caller);
  const rows = await findEngines(deps.db);
  return { engines: await Promise.all(rows.map((row) => show(deps, row))) };
}

/** @throws {Problem} `forbidden`, `not-found` */
export async function getEngine(
  deps: Deps,
  { params }: Input<typeof contract.getEngine>,
  caller: UserCaller,
): Promise<contract.Engine> {
  assertAdmin(caller);
  return show(deps, await getRow(deps.db, params.engine));
}

async function show(
  { db, engines }: Deps,
  row: EngineRow,
  met?: Description,
): Promise<contract.Engine> {
  const member = await engines.of(row.name);
  const [addresses, apps] = await Promise.all([
    member.hostAddresses().catch(() => []),
    countApps(db, row.name),
  ]);
  return toEngine({ row, member, addresses, apps, met });
}

/**
 * Adds an engine once it was met, or changes how it is reached; the same again changes nothing.
 *
 * @throws {Problem} `forbidden`; `invalid-request`; `engine-unusable`; `engine-known` when it is
 *   another engine already; `engine-in-use` when another Docker would take the place of one with apps
 */
export async function putEngine(
  deps: Deps,
  { params, body }: Input<typeof contract.putEngine>,
  caller: UserCaller,
): Promise<contract.Engine> {
  assertAdmin(caller);
  const { engine: name } = params;
  if (name === LOCAL) throw localStays();
  const pool = await findPool(deps.db, name);
  if (pool && pool.engine !== name) {
    throw new Problem('invalid-request', `"${name}" is a pool: choose another name.`);
  }
  const { addresses, replaced, ...given } = body;
  const access = readAccess(given, Date.now());
  const wanted = addresses && readAddresses(addresses);
  const met = await meetEngine(access, deps.instance);
  await transaction(deps.db, async (tx) => {
    const before = await lockEngine(tx, name);
    if (before && before.engine_id !== met.id && !replaced) await assertUnused(tx, name, met);
    const found = wanted ?? before?.addresses ?? (await addressesOf(tx, access, caller));
    if (before && isSame(deps.sealer, before, { access, met, addresses: found })) return;
    const { url, credentials } = access;
    const { ca, certificate, key } = credentials;
    await upsertEngine(tx, {
      ...{ name, addresses: found, engine_id: met.id },
      remote: {
        url,
        ca,
        certificate,
        key: sealKey(deps.sealer, name, key),
        platform: met.platform,
      },
    });
    if (!before) await insertPool(tx, { name, engine: name, path: null });
  });
  await deps.engines.sync();
  return show(deps, await getRow(deps.db, name), met);
}

/**
 * An address is only taken from the URL when it is that of a host on a network of the administrator's
 * own: anybody else may make a network that has the addresses of a machine's LAN.
 */
async function addressesOf(tx: Tx, { url }: Access, { projectId }: UserCaller): Promise<string[]> {
  const address = addressIn(url);
  return address && (await isHostAddress(tx, projectId, address)) ? [address] : [];
}

interface Now {
  readonly access: Required<Access>;
  readonly met: Description;
  readonly addresses: readonly string[];
}

/** Whether nothing would change: then nothing is broken off. */
function isSame(sealer: Sealer, { name, remote, ...row }: EngineRow, now: Now): boolean {
  const { url, credentials } = now.access;
  return (
    remote?.url === url &&
    remote.ca === credentials.ca &&
    remote.certificate === credentials.certificate &&
    remote.platform === now.met.platform &&
    row.engine_id === now.met.id &&
    row.addresses.join() === now.addresses.join() &&
    openKey(sealer, name, remote.key) === credentials.key
  );
}

/**
 * Says who may place apps on an engine from now on. Apps that are there already stay and can be changed.
 *
 * @throws {Problem} `forbidden`, `not-found`
 */
export async function shareEngine(
  deps: Deps,
  { params, body }: Input<typeof contract.shareEngine>,
  caller: UserCaller,
): Promise<contract.Engine> {
  assertAdmin(caller);
  await updateShares(deps.db, params.engine, body);
  return show(deps, await getRow(deps.db, params.engine));
}

/** @throws {Problem} `forbidden`, `not-found`, `invalid-request` for the local one, `engine-in-use` */
export async function removeEngine(
  deps: Deps,
  { params }: Input<typeof contract.removeEngine>,
  caller: UserCaller,
): Promise<void> {
  assertAdmin(caller);
  const { engine: name } = params;
  if (name === LOCAL) throw localStays();
  await transaction(deps.db, async (tx) => {
    await getRow(tx, name);
    await lockEngine(tx, name);
    const apps = await findAppsOn(tx, name);
    if (apps.length > 0) throw inUse(`the engine "${name}" has apps`, apps, 'Destroy them first.');
    const data = await findDataOn(tx, name);
    const next =
      'Delete it first: "cep storage volume list", then "delete --purge"; and "cep backup delete".';
    if (data.length > 0) throw inUse(`the engine "${name}" has the data of`, data, next);
    await deleteEngine(tx, name);
  });
  await deps.engines.sync();
}

/** @throws {Problem} `engine-in-use` */
async function assertUnused(tx: Tx, name: string, { id }: Description): Promise<void> {
  const there = [...(await findAppsOn(tx, name)), ...(await findDataOn(tx, name))];
  if (there.length === 0) return;
  throw inUse(
    `what answers is another Docker (${id}) than "${name}", which has`,
    there,
    'If the machine was replaced, add --replaced: the apps are made anew on it, without their data.',
  );
}

const SHOWN = 10;

function inUse(what: string, names: readonly string[], next: string): Problem {
  const shown = names.slice(0, SHOWN).join(', ');
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  const sentence = `${what}: ${shown}${more}. ${next}`;
  return new Problem('engine-in-use', sentence.charAt(0).toUpperCase() + sentence.slice(1));
}

function assertAdmin({ role }: UserCaller): void {
  if (role === 'admin') return;
  throw new Problem('forbidden', 'Only an administrator sees and changes engines.');
}

const localStays = () =>
  new Problem('invalid-request', `"${LOCAL}" is the Docker of this machine: it stays as it is.`);
