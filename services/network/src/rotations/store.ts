/** The only module that reads or writes the `rotations` table, and the column `confirm_version`. */
import type { Rotation } from '@cep/contracts/rotations';
import { sql } from '@cep/database/sql';
import type { Db, Tx } from '@cep/database/transaction';

interface RotationRow {
  readonly stage: Rotation['stage'];
  readonly leftBehind: string[];
  readonly startedAt: Date;
}

export async function findRotation(db: Db, networkId: string): Promise<RotationRow | undefined> {
  const { rows } = await db.query<RotationRow>(sql`
    select stage, left_behind as "leftBehind", started_at as "startedAt" from rotations
    where network_id = ${networkId}`);
  return rows[0];
}

/** @returns the ids of networks */
export async function findRotating(db: Db): Promise<string[]> {
  const { rows } = await db.query<{ network_id: string }>(sql`select network_id from rotations`);
  return rows.map(({ network_id }) => network_id);
}

/** Begins a stage, or a rotation with its first. */
export async function putRotation(
  tx: Tx,
  networkId: string,
  stage: Rotation['stage'],
): Promise<void> {
  await tx.query(sql`
    insert into rotations (network_id, stage) values (${networkId}, ${stage})
    on conflict (network_id) do update set stage = excluded.stage`);
}

export async function deleteRotation(tx: Tx, networkId: string): Promise<void> {
  await tx.query(sql`delete from rotations where network_id = ${networkId}`);
}

export async function leaveBehind(
  tx: Tx,
  networkId: string,
  hostIds: readonly string[],
): Promise<void> {
  await tx.query(sql`
    update rotations set left_behind = left_behind || ${hostIds}::uuid[]
    where network_id = ${networkId}`);
}

/** From every enrolled host of the network: that it runs the bundle there is now. */
export async function askToConfirm(tx: Tx, networkId: string): Promise<void> {
  await tx.query(sql`
    update hosts set confirm_version = hosts.bundle_version + networks.bundle_version
    from networks
    where networks.id = ${networkId} and hosts.network_id = networks.id
      and tunnel_key is not null and revoked_at is null`);
}

/** As {@link askToConfirm}, of those of these hosts that have to: what they confirmed counts no more. */
export async function askAgain(tx: Tx, hostIds: readonly string[]): Promise<void> {
  await tx.query(sql`
    update hosts set confirm_version = hosts.bundle_version + networks.bundle_version
    from networks
    where networks.id = hosts.network_id and hosts.id = any(${hostIds})
      and confirm_version is not null`);
}

/** A host that takes part in a rotation. */
interface Participant {
  readonly host: string;
  readonly hasConfirmed: boolean;
  readonly isLeftBehind: boolean;
  readonly connected: boolean;
  readonly live: boolean;
  readonly lastSeenAt: Date | null;
}

export async function findParticipants(db: Db, networkId: string): Promise<Participant[]> {
  const { rows } = await db.query<Participant>(sql`
    select hosts.name as host,
      coalesce(confirm_version <= agents.bundle_version, confirm_version is null) as "hasConfirmed",
      hosts.id = any(rotations.left_behind) as "isLeftBehind",
      coalesce(agents.connection is not null and agents.seen_at > now() - interval '90 seconds',
        false) as connected,
      signing_key is not null as live,
      agents.seen_at as "lastSeenAt"
    from rotations
      join hosts on hosts.network_id = rotations.network_id
      left join agents on agents.host_id = hosts.id
    where rotations.network_id = ${networkId} and tunnel_key is not null and revoked_at is null
    order by hosts.name`);
  return rows;
}

/** @returns whether a rotation is under way, and waits for nobody */
export async function isReady(db: Db, networkId: string): Promise<boolean> {
  const { rows } = await db.query<{ ready: boolean }>(sql`
    select not exists (
        select from hosts left join agents on agents.host_id = hosts.id
        where hosts.network_id = rotations.network_id
          and tunnel_key is not null and revoked_at is null
          and confirm_version > coalesce(agents.bundle_version, 0)
          and hosts.id <> all(rotations.left_behind)
      ) as ready
    from rotations where network_id = ${networkId}`);
  return rows[0]?.ready ?? false;
}
