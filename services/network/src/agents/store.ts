/** The only module that reads or writes the `agents` table. */
import type { AgentReport } from '@cep/contracts/agents';
import { sql } from '@cep/database/sql';
import type { Db, Tx } from '@cep/database/transaction';

/** From now on this connection is the host's. @throws when the host is gone */
export async function putConnection(db: Db, hostId: string, connection: string): Promise<void> {
  await db.query(sql`
    insert into agents (host_id, connection) values (${hostId}, ${connection})
    on conflict (host_id) do update set connection = excluded.connection, seen_at = now()`);
}

/** Unless the host has another one by now. */
export async function dropConnection(db: Db, connection: string): Promise<void> {
  await db.query(sql`
    update agents set connection = null, seen_at = now() where connection = ${connection}`);
}

/** Says of all of these connections that they are there. @returns those that are still the host's */
export async function keepConnections(db: Db, connections: readonly string[]): Promise<string[]> {
  const { rows } = await db.query<{ connection: string }>(sql`
    update agents set seen_at = now() where connection = any(${connections})
    returning connection`);
  return rows.map(({ connection }) => connection);
}

/** @throws when the host is gone */
export async function putReport(db: Db, hostId: string, report: AgentReport): Promise<void> {
  const { bundleVersion, fingerprint, nebulaVersion, agentVersion, problem } = report;
  await db.query(sql`
    insert into agents
      (host_id, bundle_version, fingerprint, nebula_version, agent_version, problem, reported_at)
    values
      (${hostId}, ${bundleVersion}, ${fingerprint}, ${nebulaVersion}, ${agentVersion}, ${problem},
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
