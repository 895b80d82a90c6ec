/**
 * Before authorities are trusted no longer: with peers that were met under them the tunnel begins
 * anew, under the certificates that both have by now. Nebula would break it off in the midst of what
 * it carries.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ask } from './debug-server.ts';
import { beginAnew, listTunnels, type Tunnel } from './tunnels.ts';

export interface Leaving {
  /** Fingerprints of the authorities that stay. */
  readonly trusted: readonly string[];
  /** Overlay address of this host. */
  readonly own: string;
  /** Those of the lighthouses that it asks; a lighthouse has none. */
  readonly guides: readonly string[];
  readonly lighthouse: boolean;
}

/** In all; a change of the rules may be waiting behind this. */
const WITHIN_MS = 1_500;
/** How long the other side has to begin. When both close a tunnel, each breaks what the other made. */
const OTHERS_TURN_MS = 600;
/** A handshake takes some milliseconds; the next attempt comes after 100. */
const MET_WITHIN_MS = 250;
const POLL_MS = 10;

/** @returns the addresses of the peers that were not met in time */
export async function leaveAuthorities(ask: Ask, leaving: Leaving): Promise<readonly string[]> {
  const began = Date.now();
  const tried = new Set<string>();
  for (;;) {
    const stale = (await listTunnels(ask)).filter(
      ({ issuer }) => !leaving.trusted.includes(issuer),
    );
    const waited = Date.now() - began;
    if (stale.length === 0 || waited > WITHIN_MS) return stale.map(({ address }) => address);
    const next = nextOf(stale, leaving, waited, tried);
    if (next === undefined) {
      await sleep(POLL_MS);
      continue;
    }
    tried.add(next.address);
    await beginAnew(ask, next);
    await untilMet(ask, next.address);
  }
}

/** Lighthouses first, as they know where the others are. */
function nextOf(
  stale: readonly Tunnel[],
  leaving: Leaving,
  waited: number,
  tried: ReadonlySet<string>,
): Tunnel | undefined {
  if (leaving.lighthouse) return undefined;
  const open = stale.filter(({ address }) => !tried.has(address));
  return (
    open.find(({ address }) => leaving.guides.includes(address)) ??
    open.find(({ address }) => leaving.own < address || waited > OTHERS_TURN_MS)
  );
}

async function untilMet(ask: Ask, peer: string): Promise<void> {
  const deadline = Date.now() + MET_WITHIN_MS;
  while (Date.now() < deadline) {
    if ((await listTunnels(ask)).some(({ address }) => address === peer)) return;
    await sleep(POLL_MS);
  }
}
