import { Problem } from '@cep/contracts/problems';
import { sql } from '@cep/database/sql';
import type { Db, Tx } from '@cep/database/transaction';
import type { Service } from '../compose/model.ts';
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
async function findClaims(db: Db, appId: string): Promise<Claim[]> {
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
async function claimPort(tx: Tx, wish: Wish, from = wish.wanted): Promise<void> {
  const { appId, address, service, target, protocol, wanted, fixed } = wish;
  for (;;) {
    const { rows } = await tx.query<{ port: number }>(sql`
      select port from port_claims
      where engine = (select engine from apps where id = ${appId})
        and address = ${address} and protocol = ${protocol} and port >= ${from}
      order by port`);
    const port = nextFree(
      from,
      rows.map((row) => row.port),
    );
    if (port === undefined || (fixed && port !== wanted)) throw taken(wish);
    const { rowCount } = await tx.query(sql`
      insert into port_claims
        (engine, address, protocol, port, app_id, service, target, wanted, fixed)
      select engine, ${address}, ${protocol}, ${port}, id, ${service}, ${target}, ${wanted}, ${fixed}
      from apps where id = ${appId}
      on conflict (engine, address, protocol, port) do nothing`);
    if (rowCount === 1) return;
  }
}

/** What a generation publishes, and on which address. */
interface Published {
  readonly appId: string;
  readonly address: string;
  readonly services: readonly Pick<Service, 'name' | 'ports'>[];
}

/**
 * Sees to it that a generation has all its ports. Those that the app already has stay the same, and
 * one that only another generation of it asks for is taken over.
 *
 * @throws {Problem} `port-taken`
 */
export async function claimPorts(tx: Tx, { appId, address, services }: Published): Promise<void> {
  for (const { name: service, ports } of services) {
    for (const { target, protocol, published: wanted, fixed } of ports) {
      const wish = { appId, address, service, target, protocol, wanted, fixed };
      const claims = await findClaims(tx, appId);
      if (claims.some((claim) => serves(claim, wish))) continue;
      const own = claims.find(
        (claim) =>
          claim.address === address && claim.protocol === protocol && claim.port === wanted,
      );
      if (own && !services.some((each) => isWished(own, address, each)))
        await dropClaim(tx, appId, own);
      await claimPort(tx, wish);
    }
  }
}

/** @returns those of `claims` that the generation uses */
export const claimsOf = (
  claims: readonly Claim[],
  { address, services }: Omit<Published, 'appId'>,
): Claim[] =>
  services.flatMap(({ name: service, ports }) =>
    ports.flatMap(({ target, protocol, published: wanted, fixed }) => {
      const wish = { address, service, target, protocol, wanted, fixed };
      const claim = claims.find((each) => serves(each, wish));
      return claim ? [{ ...claim, fixed }] : [];
    }),
  );

/** Gives up the ports that only other generations ask for. */
export async function releasePorts(tx: Tx, published: Published): Promise<void> {
  const claims = await findClaims(tx, published.appId);
  const used = claimsOf(claims, published);
  const isUsed = ({ address, protocol, port }: Claim) =>
    used.some((c) => c.address === address && c.protocol === protocol && c.port === port);
  for (const claim of claims) if (!isUsed(claim)) await dropClaim(tx, published.appId, claim);
}

const serves = (claim: Claim, wish: Omit<Wish, 'appId'>): boolean =>
  claim.address === wish.address &&
  claim.service === wish.service &&
  claim.target === wish.target &&
  claim.protocol === wish.protocol &&
  claim.wanted === wish.wanted &&
  (!wish.fixed || claim.port === wish.wanted);

const isWished = (claim: Claim, address: string, service: Published['services'][number]) =>
  claimsOf([claim], { address, services: [service] }).length > 0;

async function dropClaim(tx: Tx, appId: string, { address, protocol, port }: Claim): Promise<void> {
  await tx.query(sql`
    delete from port_claims
    where app_id = ${appId} and address = ${address} and protocol = ${protocol} and port = ${port}`);
}

/** Gives a port up that a stranger holds, and takes the next free one above it. */
export async function moveClaim(tx: Tx, appId: string, claim: Claim): Promise<void> {
  await dropClaim(tx, appId, claim);
  await claimPort(tx, { ...claim, appId }, claim.port + 1);
}

const taken = ({ wanted, protocol, address }: Wish): Problem =>
  new Problem(
    'port-taken',
    `Port ${wanted}/${protocol} on ${address} belongs to another app. Deploy with another port, or destroy that app.`,
  );
