import { setTimeout as sleep } from 'node:timers/promises';
import type { Ask } from './debug-server.ts';

export interface Tunnel {
  /** Overlay address of the peer, of IPv4 if it has one. */
  readonly address: string;
  /** By which it is met anew: with the one of IPv6 that is done by version 2, which has both. */
  readonly meetAt: string;
  /** Of the certificate that the peer showed, in hex. */
  readonly fingerprint: string;
  /** Fingerprint of the authority that signed it. */
  readonly issuer: string;
  /** That of this certificate which is still to come, from 1 (new) down to 0 (expired). */
  readonly timeLeft: number;
}

interface Listed {
  /** Until 1.9. */
  readonly vpnIp?: string;
  /** From 1.10 on. */
  readonly vpnAddrs?: readonly string[];
  readonly cert?: Certificate | null;
}

/** The tunnels that are up. */
export const listTunnels = (ask: Ask): Promise<Tunnel[]> => list(ask, 'list-hostmap');

/** Overlay addresses of those that nebula is shaking hands with, of which it began. */
export const listPending = async (ask: Ask): Promise<string[]> =>
  (await list(ask, 'list-pending-hostmap')).map(({ address }) => address);

/** `control.go`, `ControlHostInfo` */
async function list(ask: Ask, command: string): Promise<Tunnel[]> {
  const listed = JSON.parse((await ask(`${command} -json`)) || '[]') as Listed[] | null;
  return (listed ?? []).flatMap(({ vpnIp, vpnAddrs, cert }) => {
    const address = vpnIp ?? vpnAddrs?.[0];
    const meetAt = vpnAddrs?.at(-1) ?? address ?? '';
    const fingerprint = cert?.fingerprint ?? '';
    const issuer = cert?.details?.issuer ?? '';
    return address ? [{ address, meetAt, fingerprint, issuer, timeLeft: timeLeftOf(cert) }] : [];
  });
}

function timeLeftOf(certificate: Certificate | null | undefined): number {
  const { notBefore = '', notAfter = '' } = certificate?.details ?? {};
  const [begin, end] = [Date.parse(notBefore), Date.parse(notAfter)];
  return (end - Date.now()) / (end - begin);
}

/**
 * Meets all peers anew, so that each sees the certificate that the other has now. The lighthouses come
 * first, as they know where the others are, also those that have closed their tunnel. Not for lighthouses:
 * with a tunnel nebula also forgets where its peer is, and a lighthouse then could not tell anybody.
 */
export async function meetAgain(ask: Ask, lighthouses: readonly string[]): Promise<void> {
  const peers = await listTunnels(ask);
  const isGuide = ({ address }: Tunnel) => lighthouses.includes(address);
  const guides = peers.filter(isGuide);
  for (const guide of guides) await beginAnew(ask, guide);
  const met = new Set(guides.map(({ address }) => address));
  for (const each of lighthouses) if (!met.has(each)) await ask(`create-tunnel ${each}`);
  const deadline = Date.now() + GUIDES_WITHIN_MS;
  while (!(await areUp(ask, guides)) && Date.now() < deadline) await sleep(POLL_MS);
  for (const peer of peers) if (!isGuide(peer)) await beginAnew(ask, peer);
}

/**
 * Meets those lighthouses anew that have shown a certificate which is about to expire, and have
 * another by now. When a tunnel ends because of it, the lighthouse forgets where we are.
 */
export async function refresh(ask: Ask, lighthouses: readonly string[]): Promise<void> {
  const stale = (await listTunnels(ask)).filter(
    ({ address, timeLeft }) => lighthouses.includes(address) && timeLeft < STALE,
  );
  for (const tunnel of stale) await beginAnew(ask, tunnel);
}

/** Renewed at a third of the time, and then some time to get here. */
const STALE = 0.28;
const GUIDES_WITHIN_MS = 1_000;
const POLL_MS = 20;

/** Without a word to the peer, whose tunnel stays until the new one replaces it. */
export async function beginAnew(
  ask: Ask,
  { address, meetAt }: Pick<Tunnel, 'address' | 'meetAt'>,
): Promise<void> {
  await ask(`close-tunnel -local-only ${address}`);
  await ask(`create-tunnel ${meetAt}`);
}

const areUp = async (ask: Ask, wanted: readonly Tunnel[]): Promise<boolean> =>
  (await missingOf(ask, wanted)).length === 0;

/** @returns those that there were; a peer's next packet shakes hands anew */
export async function closeTunnels(
  ask: Ask,
  which: (tunnel: Tunnel) => boolean,
): Promise<Tunnel[]> {
  const closed: Tunnel[] = [];
  // Behind one that is closed there may be another to the same peer, of the other version.
  for (let round = 0; round < ROUNDS; round += 1) {
    const chosen = (await listTunnels(ask)).filter(which);
    for (const { address } of chosen) await ask(`close-tunnel ${address}`);
    if (chosen.length === 0) break;
    closed.push(...chosen);
  }
  return closed;
}

const ROUNDS = 4;

/**
 * Calls those that are not met by now. Where theirs was only a certificate of before, they may have
 * begun to shake hands with it: nebula then goes on to offer that one for five seconds, whatever it has
 * meanwhile. Who is called answers with the one that he has. (With `-address` nebula 1.11 crashes.)
 *
 * @returns those that are still to be met
 */
export async function callMissing(ask: Ask, peers: readonly Tunnel[]): Promise<Tunnel[]> {
  const missing = await missingOf(ask, peers);
  for (const { meetAt } of missing)
    if (await isLocated(ask, meetAt)) await ask(`create-tunnel ${meetAt}`);
  return missing;
}

async function missingOf<T extends Pick<Tunnel, 'address'>>(
  ask: Ask,
  peers: readonly T[],
): Promise<T[]> {
  const up = new Set((await listTunnels(ask)).map(({ address }) => address));
  return peers.filter(({ address }) => !up.has(address));
}

/** Whether a lighthouse has said where a host is; else it is asked. A handshake does so but once in a while. */
async function isLocated(ask: Ask, address: string): Promise<boolean> {
  const known: unknown = JSON.parse((await ask(`query-lighthouse ${address}`)) || 'null');
  return known !== null && Object.keys(known as object).length > 0;
}

/** The fingerprint of the certificate that nebula itself shows. */
export async function ownFingerprint(ask: Ask): Promise<string | undefined> {
  const printed = JSON.parse(await ask('print-cert -json')) as Certificate | Certificate[];
  const [first] = Array.isArray(printed) ? printed : [printed];
  return first?.fingerprint;
}

interface Certificate {
  readonly fingerprint?: string;
  /** Times are ISO 8601. */
  readonly details?: {
    readonly issuer?: string;
    readonly notBefore?: string;
    readonly notAfter?: string;
  };
}
