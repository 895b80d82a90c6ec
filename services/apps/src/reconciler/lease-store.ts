import { sql } from '@cep/database/sql';
import type { PoolClient } from 'pg';

/** Keeps these locks apart from others in the database. */
const LEASES = 0x63_65_70;

/** @returns whether this session holds the app now; it does until it ends at the latest */
export async function tryLock(session: PoolClient, appId: string): Promise<boolean> {
  const { rows } = await session.query<{ taken: boolean }>(sql`
    select pg_try_advisory_lock(${LEASES}, hashtext(${appId})) as taken`);
  return rows[0]?.taken === true;
}

export async function unlock(session: PoolClient, appId: string): Promise<void> {
  await session.query(sql`select pg_advisory_unlock(${LEASES}, hashtext(${appId}))`);
}
