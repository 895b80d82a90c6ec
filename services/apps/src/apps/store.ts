import type { AppState, Reason } from '@cep/contracts/apps';
import { Problem } from '@cep/contracts/problems';
import { violates } from '@cep/database/errors';
import { only } from '@cep/database/rows';
import { sql } from '@cep/database/sql';
import type { Db, Tx } from '@cep/database/transaction';
import type { Bindings } from '../endpoints/addresses.ts';
import type { VolumeSets } from '../engine/names.ts';
import { unknownEngine } from '../engines/store.ts';
import type { Outline } from '../generations/document.ts';
import type { Cause, ImageLock } from '../generations/store.ts';
import type { Runs } from '../hooks/store.ts';
import type { Claim } from '../ports/store.ts';

export interface AppRow {
  readonly id: string;
  readonly project_id: string;
  readonly name: string;
  readonly store: string;
  readonly template: string;
  readonly version: string;
  readonly network_id: string | null;
  /** The name of the engine that it is on. */
  readonly engine: string;
  readonly wanted: 'running' | 'stopped' | 'destroyed';
  readonly keep_volumes: boolean;
  readonly generation: number;
  /** The last one that was seen to run. */
  readonly good: number | null;
  readonly announced: number;
  readonly state: Exclude<AppState, 'unknown'>;
  readonly reason: Reason | null;
  readonly domain: string | null;
  readonly domain_taken_by: string | null;
  readonly created_at: Date;
  /** When somebody last asked for something. */
  readonly asked_at: Date;
  readonly interrupted_at: Date | null;
  readonly restart_at: Date | null;
  /** Who deployed it first; null when that is not known. */
  readonly deployed_by: string | null;
  /** What its front was told last, as a hash. */
  readonly front: string | null;
}

/** An app with what lists show of its generation, its network and its ports. */
export interface AppView extends AppRow {
  /** The name of its project, once somebody has acted there. */
  readonly project: string | null;
  readonly network: string | null;
  readonly address: string;
  readonly outline: Outline;
  readonly ports: Bindings['ports'];
}

type NewApp = Pick<
  AppRow,
  | 'id'
  | 'project_id'
  | 'name'
  | 'store'
  | 'template'
  | 'version'
  | 'network_id'
  | 'engine'
  | 'deployed_by'
>;

/** @returns nothing when the project already has an app of this name */
export async function insertApp(tx: Tx, app: NewApp): Promise<AppRow | undefined> {
  const { rows } = await tx
    .query<AppRow>(sql`
    insert into apps
      (id, project_id, name, store, template, version, network_id, engine, deployed_by)
    values (${app.id}, ${app.project_id}, ${app.name}, ${app.store}, ${app.template},
            ${app.version}, ${app.network_id}, ${app.engine}, ${app.deployed_by})
    on conflict on constraint apps_project_id_name_key do nothing
    returning *`)
    .catch((error: unknown) => {
      // It was removed a moment ago.
      throw violates(error, 'apps_engine_fkey') ? unknownEngine(app.engine) : error;
    });
  return rows[0];
}

export const unknownApp = (name: string): Problem =>
  new Problem('not-found', `There is no app "${name}". See "cep apps list".`);

/** @throws {Problem} `not-found` */
export async function lockApp(tx: Tx, projectId: string, name: string): Promise<AppRow> {
  const { rows } = await tx.query<AppRow>(sql`
    select * from apps where project_id = ${projectId} and name = ${name} for update`);
  if (rows[0]) return rows[0];
  throw unknownApp(name);
}

const VIEW = `
  select apps.*, projects.name as project, networks.name as network, generations.address, generations.outline,
    (select coalesce(jsonb_agg(jsonb_build_object(
        'service', service, 'target', target, 'protocol', protocol, 'port', port) order by port), '[]')
      from port_claims where app_id = apps.id) as ports
  from apps
    join generations on app_id = apps.id and number = generation
    left join networks on networks.id = network_id
    left join projects on projects.id = apps.project_id`;

/** @returns by name */
export async function findApps(db: Db, projectId: string): Promise<AppView[]> {
  const { rows } = await db.query<AppView>(
    `${VIEW} where apps.project_id = $1 order by apps.name`,
    [projectId],
  );
  return rows;
}

interface Page {
  readonly limit: number;
  /** The last one before it. */
  readonly after: Pick<AppRow, 'project_id' | 'name'> | undefined;
}

/** Apps of every project. @returns by project, then by name */
export async function findAllApps(db: Db, { limit, after }: Page): Promise<AppView[]> {
  const { rows } = await db.query<AppView>(
    `${VIEW} where $1::uuid is null or (apps.project_id, apps.name) > ($1, $2)
    order by apps.project_id, apps.name limit $3`,
    [after?.project_id ?? null, after?.name ?? null, limit],
  );
  return rows;
}

/** @throws {Problem} `not-found` */
export async function getAppView(db: Db, projectId: string, name: string): Promise<AppView> {
  const { rows } = await db.query<AppView>(
    `${VIEW} where apps.project_id = $1 and apps.name = $2`,
    [projectId, name],
  );
  if (rows[0]) return rows[0];
  throw unknownApp(name);
}

/** Marks an app as unwanted. Volumes that were to go already are not kept again. */
export async function unwantApp(tx: Tx, id: string, keepVolumes: boolean): Promise<void> {
  await tx.query(sql`
    update apps
    set wanted = 'destroyed', state = 'destroying', reason = null,
      keep_volumes = ${keepVolumes} and (wanted <> 'destroyed' or keep_volumes)
    where id = ${id}`);
}

/** Says what is wanted of an app from now on, and that somebody has asked for it. */
export async function wantApp(tx: Tx, id: string, wanted: 'running' | 'stopped'): Promise<void> {
  await tx.query(sql`
    update apps
    set wanted = ${wanted},
      interrupted_at = case when ${wanted} = 'stopped' then clock_timestamp() else interrupted_at end
    where id = ${id}`);
}

/** What is stopped from now on, cep has stopped: it is started again. */
export async function interruptApp(tx: Tx, id: string): Promise<void> {
  await tx.query(sql`update apps set interrupted_at = clock_timestamp() where id = ${id}`);
}

/** @returns when it is: the moment at which something is asked of the app */
export async function touchApp(tx: Tx, id: string): Promise<Date> {
  const { rows } = await tx.query<{ asked_at: Date }>(sql`
    update apps set asked_at = date_trunc('milliseconds', clock_timestamp())
    where id = ${id} returning asked_at`);
  return only(rows).asked_at;
}

/** Says that everything which was started before now is to be started anew. */
export async function restartFromNow(tx: Tx, id: string): Promise<void> {
  await tx.query(sql`
    update apps set interrupted_at = clock_timestamp(), restart_at = clock_timestamp() where id = ${id}`);
}

interface Turn {
  readonly generation: number;
  readonly version: string;
}

/** Makes another generation the wanted one. */
export async function turnTo(tx: Tx, id: string, { generation, version }: Turn): Promise<void> {
  await tx.query(sql`
    update apps set generation = ${generation}, version = ${version} where id = ${id}`);
}

/** What cep has stopped since `since`, to make room for a generation that is given up, goes on. */
export async function resumeSince(tx: Tx, id: string, since: Date): Promise<void> {
  await tx.query(sql`
    update apps set asked_at = date_trunc('milliseconds', clock_timestamp()),
      interrupted_at = greatest(interrupted_at, ${since})
    where id = ${id}`);
}

/** @returns whether the generation is still the wanted one */
export async function updateGood(tx: Tx, id: string, generation: number): Promise<boolean> {
  const { rowCount } = await tx.query(sql`
    update apps set good = ${generation}
    where id = ${id} and generation = ${generation} and wanted = 'running'`);
  return rowCount === 1;
}

/** The app by its id, kept from changing until the transaction ends. */
export async function lockAppById(tx: Tx, id: string): Promise<AppRow | undefined> {
  const { rows } = await tx.query<AppRow>(sql`select * from apps where id = ${id} for update`);
  return rows[0];
}

export async function updateState(
  db: Db,
  id: string,
  { state, reason }: Pick<AppRow, 'state' | 'reason'>,
): Promise<void> {
  await db.query(sql`
    update apps set state = ${state}, reason = ${reason && JSON.stringify(reason)}
    where id = ${id} and (wanted <> 'destroyed' or ${state} = 'destroying')`);
}

export async function updateFront(db: Db, id: string, front: string | null): Promise<void> {
  await db.query(sql`update apps set front = ${front} where id = ${id}`);
}

export async function updateAnnounced(tx: Tx, id: string, generation: number): Promise<boolean> {
  const { rowCount } = await tx.query(sql`
    update apps set announced = ${generation}
    where id = ${id} and announced < ${generation} and wanted = 'running'`);
  return rowCount === 1;
}

export async function deleteApp(tx: Tx, id: string): Promise<void> {
  await tx.query(sql`delete from apps where id = ${id}`);
}

/** Those of one engine. */
export async function findAppIds(db: Db, engine: string): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(sql`
    select id from apps where engine = ${engine}`);
  return rows.map(({ id }) => id);
}

/** An app with what it is made of. */
export interface FoundApp extends AppRow {
  readonly address: string;
  /** Sealed. */
  readonly document: Buffer;
  readonly volume_sets: VolumeSets;
  readonly images: ImageLock | null;
  readonly cause: Cause;
  readonly hooks: Runs;
  /** Whether an operation on it runs. */
  readonly is_awaited: boolean;
  /** Of every generation; by service and port. */
  readonly claims: readonly Claim[];
  /** Permissions. */
  readonly granted: readonly string[];
}

/** An app by its id alone, for the reconciler: as it was at one moment. */
export async function findApp(db: Db, id: string): Promise<FoundApp | undefined> {
  const { rows } = await db.query<FoundApp>(sql`
    select apps.*, address, document, volume_sets, images, cause, hooks, exists (
      select from operations where app_id = apps.id and operations.state = 'running') as is_awaited,
      (select coalesce(jsonb_agg(to_jsonb(port_claims) order by service, target, protocol, wanted), '[]')
        from port_claims where app_id = apps.id) as claims,
      array(select permission from grants where app_id = apps.id) as granted
    from apps join generations on app_id = apps.id and number = generation
    where apps.id = ${id}`);
  return rows[0];
}

/** @returns the name of the engine that an app is on, or its backups are; nothing for what is no app */
export async function findEngineOf(db: Db, id: string): Promise<string | undefined> {
  const { rows } = await db.query<{ engine: string }>(sql`
    select engine from apps where id = ${id}
    union all
    select engine from backup_jobs join backups on backups.id = backup
    where backup_jobs.app_id = ${id}`);
  return rows[0]?.engine;
}

/** The id of this installation, that its things in the engine carry. */
export async function getInstance(db: Db): Promise<string> {
  const { rows } = await db.query<{ id: string }>(sql`select id from instance`);
  return only(rows).id;
}
