/** The only module that reads or writes the `agents` table. */
import type { AgentReport } from '@cep/contracts/agents';
import { sql } from '@cep/database/sql';
import type { Db, Tx } from '@cep/database/transaction';

/** Which connection is a host's. */
export interface Arrival {
  readonly hostId: string;
  readonly connection: string;
}

/**
 * From now on these connections are the hosts', each of which is named once.
 *
 * @returns the ids of those hosts that there still are
 */
export async function putConnections(db: Db, arrivals: readonly Arrival[]): Promise<string[]> {
  const { rows } = await db.query<{ host_id: string }>(sql`
    with present as (
      select id from hosts where id = any(${arrivals.map(({ hostId }) => hostId)}::uuid[])
      order by id for key share
    )
    insert into agents (host_id, connection)
    select id, arrival.connection
    from present join unnest(
        ${arrivals.map(({ hostId }) => hostId)}::uuid[],
        ${arrivals.map(({ connection }) => connection)}::uuid[]
      ) as arrival (host_id, connection) on arrival.host_id = present.id
    on conflict (host_id) do update set connection = excluded.connection, seen_at = now()
    returning host_id`);
  return rows.map(({ host_id }) => host_id);
}

/** Those hosts that have other connections by now keep them. */
export async function dropConnections(db: Db, connections: readonly string[]): Promise<void> {
  await db.query(sql`
    update agents set connection = null, seen_at = now()
    where connection = any(${connections}::uuid[])`);
}

/** Says of all of these connections that they are there. @returns those that are still the host's */
export async function keepConnections(db: Db, connections: readonly string[]): Promise<string[]> {
  const { rows } = await db.query<{ connection: string }>(sql`
    update agents set seen_at = now() where connection = any(${connections})
    returning connection`);
  return rows.map(({ connection }) => connection);
}

/**
 * A version above the host's newest is of a time that this database knows nothing of, and is not
 * written down: nobody may take it for one that is yet to come.
 *
 * @throws when the host is gone
 */
export async function putReport(db: Db, hostId: string, report: AgentReport): Promise<void> {
  const { bundleVersion, fingerprint, nebulaVersion, agentVersion, problem } = report;
  await db.query(sql`
    insert into agents
      (host_id, bundle_version, fingerprint, nebula_version, agent_version, problem, reported_at)
    values
      (${hostId},
        (select ${bundleVersion}::integer from hosts join networks on networks.id = hosts.network_id
          where hosts.id = ${hostId}
            and hosts.bundle_version + networks.bundle_version >= ${bundleVersion}),
        ${fingerprint}, ${nebulaVersion}, ${agentVersion}, ${problem},
        now())
    on conflict (host_id) do update set
      bundle_version = excluded.bundle_version, fingerprint = excluded.fingerprint,
      nebula_version = excluded.nebula_version, agent_version = excluded.agent_version,
      problem = excluded.problem, reported_at = excluded.reported_at, seen_at = now()`);
}

/** What another machine said as this host. */
export async function forgetAgent(tx: Tx, hostId: string): Promise<void> {
  await tx.query(sql`delete from agents where host_id = ${hostId}`);
}
