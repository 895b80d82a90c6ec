import { Problem } from '@cep/contracts/problems';
import { sql } from '@cep/database/sql';
import type { Db, Tx } from '@cep/database/transaction';
import type { Binding } from '../engine/payload.ts';
import { nextFree } from './next-free.ts';

/** A port that a service publishes, and where. */
export interface Wish {
  readonly appId: string;
  readonly address: string;
  readonly service: string;
  readonly target: number;
  readonly protocol: 'tcp' | 'udp';
  readonly wanted: number;
  readonly fixed: boolean;
}

export type Claim = Binding & Pick<Wish, 'wanted' | 'fixed'>;

/** @returns by service and port */
export async function findClaims(db: Db, appId: string): Promise<Claim[]> {
  const { rows } = await db.query<Claim>(sql`
    select address, protocol, port, service, target, wanted, fixed from port_claims
    where app_id = ${appId}
    order by service, target, protocol, wanted`);
  return rows;
}

/**
 * Takes the wanted port, or the next free one where it may be another.
 *
 * @param from  the lowest port to try; the wanted one when left out
 * @throws {Problem} `port-taken`
 */
export async function claimPort(tx: Tx, wish: Wish, from = wish.wanted): Promise<void> {
  const { appId, address, service, target, protocol, wanted, fixed } = wish;
  for (;;) {
    const { rows } = await tx.query<{ port: number }>(sql`
      select port from port_claims
      where address = ${address} and protocol = ${protocol} and port >= ${from}
      order by port`);
    const port = nextFree(
      from,
      rows.map((row) => row.port),
    );
    if (port === undefined || (fixed && port !== wanted)) throw taken(wish);
    const { rowCount } = await tx.query(sql`
      insert into port_claims (address, protocol, port, app_id, service, target, wanted, fixed)
      values (${address}, ${protocol}, ${port}, ${appId}, ${service}, ${target}, ${wanted}, ${fixed})
      on conflict (address, protocol, port) do nothing`);
    if (rowCount === 1) return;
  }
}

/** Gives a port up that a stranger holds, and takes the next free one above it. */
export async function moveClaim(tx: Tx, appId: string, claim: Claim): Promise<void> {
  await tx.query(sql`
    delete from port_claims
    where app_id = ${appId} and address = ${claim.address} and protocol = ${claim.protocol}
      and port = ${claim.port}`);
  await claimPort(tx, { ...claim, appId }, claim.port + 1);
}

const taken = ({ wanted, protocol, address }: Wish): Problem =>
  new Problem(
    'port-taken',
    `Port ${wanted}/${protocol} on ${address} belongs to another app. Deploy with another port, or destroy that app.`,
  );
