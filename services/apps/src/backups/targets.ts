/** What can be done with the places for backups. */
import { randomBytes, randomUUID } from 'node:crypto';
import type * as contract from '@cep/contracts/backups';
import type { UserCaller } from '@cep/contracts/caller';
import type { Input, Reply } from '@cep/contracts/endpoint';
import { Problem } from '@cep/contracts/problems';
import { type Db, type Tx, transaction } from '@cep/database/transaction';
import type { Sealer } from '@cep/sealing/sealer';
import type { Pool } from 'pg';
import { LOCAL } from '../engines/local.ts';
import { readLocation } from './location.ts';
import type { TargetSecrets } from './secret-files.ts';
import {
  assertFree,
  deleteTarget,
  findDefaultTarget,
  findTargets,
  getTarget,
  insertTarget,
  lockLocation,
  type TargetRow,
} from './target-store.ts';
import type { Tried } from './trial.ts';
import { type Trial, type Deps as TryDeps, tryTarget } from './try-target.ts';

interface Deps extends TryDeps {
  readonly db: Pool;
  readonly sealer: Sealer;
}

const purpose = (id: string): string => `backup-target:${id}`;

export const secretsOf = (sealer: Sealer, { id, secrets }: TargetRow): TargetSecrets =>
  JSON.parse(sealer.open(secrets, purpose(id)).toString()) as TargetSecrets;

const PASSWORD_BYTES = 32;

/**
 * Adds a place for backups, with a password of its own, once it has been tried. About one place, one is
 * tried at a time; killed in the middle, nothing is kept.
 *
 * @throws {Problem} `forbidden`; `name-taken`; `invalid-request` for a location or keys that cannot be;
 *   `target-unusable` for what does not work; `not-found` for the engine; `unavailable`
 */
export async function addTarget(
  deps: Deps,
  { body }: Input<typeof contract.addBackupTarget>,
  caller: UserCaller,
): Promise<contract.BackupTarget> {
  assertAdmin(caller);
  const { db, sealer } = deps;
  const { name, keyId, keySecret, isDefault, check = true, engine } = body;
  if (!check && engine !== undefined) {
    throw new Problem('invalid-request', 'What is not tried is tried on no engine: leave it out.');
  }
  const { kind, at: location } = readLocation(body.location);
  assertKeys(kind, { keyId, keySecret });
  const id = randomUUID();
  const password = randomBytes(PASSWORD_BYTES).toString('base64url');
  const secrets: TargetSecrets = { password, keyId, keySecret };
  const sealed = sealer.seal(Buffer.from(JSON.stringify(secrets)), purpose(id));
  await transaction(db, async (tx) => {
    await assertFree(tx, name);
    if (check) await tryOne(deps, tx, { place: { kind, at: location }, keys: secrets, on: engine });
    await insertTarget(tx, { id, name, kind, location, secrets: sealed }, isDefault);
  });
  return toTarget(await getTarget(db, name));
}

type One = Omit<Trial, 'on'> & { readonly on: string | undefined };

async function tryOne(deps: Deps, tx: Tx, { on = LOCAL, ...trial }: One): Promise<Tried> {
  await lockLocation(tx, trial.place.at);
  return tryTarget(deps, { ...trial, on });
}

/**
 * Tries a place for backups again, from the machine of an engine.
 *
 * @throws {Problem} `forbidden`; `not-found`; `target-unusable`; `unavailable`
 */
export async function checkTarget(
  deps: Deps,
  { params, body }: Input<typeof contract.checkBackupTarget>,
  caller: UserCaller,
): Promise<Reply<typeof contract.checkBackupTarget>> {
  assertAdmin(caller);
  const { db, sealer } = deps;
  const target = await getTarget(db, params.target);
  const { kind, location: at } = target;
  const keys = secretsOf(sealer, target);
  return transaction(db, (tx) => tryOne(deps, tx, { place: { kind, at }, keys, on: body.engine }));
}

function assertKeys(
  kind: TargetRow['kind'],
  { keyId, keySecret }: Omit<TargetSecrets, 'password'>,
): void {
  const has = { both: keyId !== undefined && keySecret !== undefined, any: !!(keyId ?? keySecret) };
  if (kind === 's3' && !has.both) {
    throw new Problem('invalid-request', 'S3 needs a key: give keyId and keySecret.');
  }
  if (kind === 'folder' && has.any) {
    throw new Problem('invalid-request', 'A folder has no keys: leave keyId and keySecret out.');
  }
}

export async function listTargets({
  db,
}: Pick<Deps, 'db'>): Promise<Reply<typeof contract.listBackupTargets>> {
  return { targets: (await findTargets(db)).map(toTarget) };
}

/** @throws {Problem} `forbidden`, `not-found`, `target-in-use` */
export async function removeTarget({ db }: Pick<Deps, 'db'>, name: string, caller: UserCaller) {
  assertAdmin(caller);
  await transaction(db, (tx) => deleteTarget(tx, name));
}

/** @throws {Problem} `forbidden`, `not-found` */
export async function getKey(
  { db, sealer }: Pick<Deps, 'db' | 'sealer'>,
  name: string,
  caller: UserCaller,
) {
  assertAdmin(caller);
  return { password: secretsOf(sealer, await getTarget(db, name)).password };
}

/** @throws {Problem} `not-found`; `no-backup-target` when none is named and none is the default */
export async function chooseTarget(db: Db, name: string | undefined): Promise<TargetRow> {
  if (name !== undefined) return getTarget(db, name);
  const target = await findDefaultTarget(db);
  if (target) return target;
  throw new Problem(
    'no-backup-target',
    'There is no place for backups yet. An administrator adds one: cep backup target add NAME /srv/backups',
  );
}

function assertAdmin({ role }: UserCaller): void {
  if (role === 'admin') return;
  throw new Problem(
    'forbidden',
    'Only an administrator adds, checks, removes and opens backup targets.',
  );
}

const toTarget = (row: TargetRow): contract.BackupTarget => ({
  name: row.name,
  kind: row.kind,
  location: row.location,
  isDefault: row.is_default,
  backups: row.backups,
  createdAt: row.created_at.toISOString(),
});
