/** Which tunnels must not, or need not, outlive a change of certificates. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bundle } from '@cep/contracts/bundle';
import { parseCertificate } from '@cep/nebula/certificates';
import type { Ask, DebugAccess } from './debug-server.ts';
import type { NebulaProgram } from './nebula-program.ts';
import { keepsOldHandshakes } from './reload-needs.ts';
import { callMissing, closeTunnels, listPending, meetAgain, type Tunnel } from './tunnels.ts';

interface Host {
  readonly nebula: NebulaProgram;
  readonly debug: DebugAccess;
  readonly log: (line: string) => void;
}

/** What a host is told, and was before. */
interface Change {
  readonly content: Bundle;
  readonly before: Bundle;
}

/**
 * Closes the tunnels of peers that are no longer trusted: by itself nebula looks at each only once a
 * second, and 1.6 not at all at those that only receive. Nebula 1.6 shows a new certificate only to
 * whom it meets anew, and later ones only to peers from which packets come, which are not those that
 * a new group is to open; a lighthouse that has one is met anew by the others.
 *
 * @returns whether a handshake goes on that may be in vain: for five seconds nebula offers the certificate
 *   that it began with, which peers may refuse by now. They call us ({@link callBack}), but for
 *   lighthouses; and 1.6 may not answer while it calls itself. Only a new start ends it.
 */
export async function closeStale(
  { nebula, debug, log }: Host,
  { content, before }: Change,
  ask: Ask,
): Promise<boolean> {
  const blocked = new Set(content.blocklist);
  const closed = await closeTunnels(ask, ({ fingerprint: shown }) => blocked.has(shown));
  if (closed.length > 0) {
    log(`closed the tunnels of ${closed.length} revoked peers`);
    if (!content.host.lighthouse) void callBack(debug, closed);
  }
  if (content.certificate === before.certificate || content.host.lighthouse) return false;
  const hasOtherGroups = groupsOf(content) !== groupsOf(before);
  const isOld = keepsOldHandshakes(nebula.version);
  const guides = guidesOf(content);
  const pending = hasOtherGroups ? await listPending(ask) : [];
  if (pending.some((each) => isOld || guides.includes(each))) return true;
  if (hasOtherGroups || isOld) await meetAgain(ask, guides);
  return false;
}

/** When whose tunnels were closed are called, in milliseconds after the time before. */
const CALLS_MS = [100, 100, 200, 200, 400, 500, 1_000, 1_000];

/**
 * Who was shut out for good does not answer, or with what is refused: it comes to nothing. Not for
 * lighthouses, which forget with a tunnel where its other end is.
 */
async function callBack(debug: DebugAccess, closed: readonly Tunnel[]): Promise<void> {
  let away = closed;
  for (const pause of CALLS_MS) {
    await sleep(pause, undefined, { ref: false });
    away = await debug.session((ask) => callMissing(ask, away)).catch(() => away);
    if (away.length === 0) return;
  }
}

const groupsOf = ({ certificate }: Bundle): string =>
  parseCertificate(certificate).groups.toSorted().join();

/** The overlay addresses of the lighthouses that a host asks. */
export const guidesOf = ({ host, lighthouses }: Bundle): string[] =>
  host.lighthouse ? [] : lighthouses.map(({ address }) => address);
