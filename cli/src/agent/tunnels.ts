import { setTimeout as sleep } from 'node:timers/promises';
import type { Ask } from './debug-server.ts';

export interface Tunnel {
  /** Overlay address of the peer. */
  readonly address: string;
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

/** The tunnels that are up (`control.go`, `ControlHostInfo`). */
export async function listTunnels(ask: Ask): Promise<Tunnel[]> {
  const listed = JSON.parse((await ask('list-hostmap -json')) || '[]') as Listed[] | null;
  return (listed ?? []).flatMap(({ vpnIp, vpnAddrs, cert }) => {
    const address = vpnIp ?? vpnAddrs?.[0];
    const fingerprint = cert?.fingerprint ?? '';
    const issuer = cert?.details?.issuer ?? '';
    return address ? [{ address, fingerprint, issuer, timeLeft: timeLeftOf(cert) }] : [];
  });
}

function timeLeftOf(certificate: Certificate | null | undefined): number {
  const { notBefore = '', notAfter = '' } = certificate?.details ?? {};
  const [begin, end] = [Date.parse(notBefore), Date.parse(notAfter)];
  return (end - Date.now()) / (end - begin);
}

/**
 * Meets peers anew, so that each sees the certificate that the other has now. The lighthouses come first, as they know where the others are. Not for lighthouses: with a tunnel
 * nebula also forgets where its peer is, and a lighthouse then could not tell anybody.
 */
export async function meetAgain(
  ask: Ask,
  lighthouses: readonly string[],
  which: (tunnel: Tunnel) => boolean,
): Promise<void> {
  const peers = (await listTunnels(ask)).filter(which).map(({ address }) => address);
  const isGuide = (address: string) => lighthouses.includes(address);
  const guides = peers.filter(isGuide);
  for (const address of guides) await beginAnew(ask, address);
  const deadline = Date.now() + GUIDES_WITHIN_MS;
  while (!(await areUp(ask, guides)) && Date.now() < deadline) await sleep(POLL_MS);
  for (const address of peers) if (!isGuide(address)) await beginAnew(ask, address);
}

/**
 * Meets those lighthouses anew that have shown a certificate which is about to expire, and have
 * another by now. When a tunnel ends because of it, the lighthouse forgets where we are.
 */
export async function refresh(ask: Ask, lighthouses: readonly string[]): Promise<void> {
  const stale = (await listTunnels(ask)).filter(
    ({ address, timeLeft }) => lighthouses.includes(address) && timeLeft < STALE,
  );
  for (const { address } of stale) await beginAnew(ask, address);
}

/** Renewed at a third of the time, and then some time to get here. */
const STALE = 0.28;
const GUIDES_WITHIN_MS = 1_000;
const POLL_MS = 20;

/** Without a word to the peer, whose tunnel stays until the new one replaces it. */
export async function beginAnew(ask: Ask, address: string): Promise<void> {
  await ask(`close-tunnel -local-only ${address}`);
  await ask(`create-tunnel ${address}`);
}

async function areUp(ask: Ask, addresses: readonly string[]): Promise<boolean> {
  const up = new Set((await listTunnels(ask)).map(({ address }) => address));
  return addresses.every((address) => up.has(address));
}

/** @returns how many there were; a peer's next packet shakes hands anew */
export async function closeTunnels(ask: Ask, which: (tunnel: Tunnel) => boolean): Promise<number> {
  const chosen = (await listTunnels(ask)).filter(which);
  for (const { address } of chosen) await ask(`close-tunnel ${address}`);
  return chosen.length;
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
