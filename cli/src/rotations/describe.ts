/** The replacement of an authority in words, for people. Pure. */
import type { Rotation, RotationState } from '@cep/contracts/rotations';
import { card, table } from '../table.ts';

const STAGES = {
  trust: '1 of 2: hosts learn to trust the new authority',
  sign: '2 of 2: hosts take up certificates of the new authority',
};

export function describeRotation({ authority, rotation }: RotationState): string {
  const facts = card({
    Authority: authority.fingerprint,
    Expires: authority.expiresAt,
    Replacement: rotation ? STAGES[rotation.stage] : 'none under way',
    By: rotation?.to,
    Confirmed: rotation && `${rotation.hosts - rotation.waitingFor.length} of ${rotation.hosts}`,
    'Left behind': rotation?.leftBehind.join(' '),
    Since: rotation?.startedAt,
  });
  if (!rotation || rotation.waitingFor.length === 0) return facts;
  const waiting = table(rotation.waitingFor, {
    'WAITING FOR': ({ host }) => host,
    CONNECTED: ({ connected, live }) => (!live ? 'not live' : connected ? 'yes' : 'no'),
    'LAST SEEN': ({ lastSeenAt }) => lastSeenAt ?? 'never',
  });
  return [facts, waiting, ...wayOut(rotation)].join('\n\n');
}

/** For hosts that run from archives: they hear of nothing, and would be waited for for ever. */
function wayOut({ waitingFor }: Rotation): string[] {
  const names = waitingFor.filter(({ live }) => !live).map(({ host }) => host);
  if (names.length === 0) return [];
  const flags = names.map((name) => `--leave-behind ${name}`).join(' ');
  return [
    `Who is not live never confirms. To go on without: cep network rotate-ca with ${flags}; each is cut off until it has another file from "cep host bundle".`,
  ];
}

/** For somebody who waits. */
export function progressOf({ rotation }: RotationState): string {
  if (!rotation)
    return 'Every host has moved to the new authority; the old one is trusted no longer.';
  const waiting = rotation.waitingFor.map(({ host }) => host);
  const [some, rest] = [waiting.slice(0, 5), waiting.length - 5];
  const who = some.length > 0 ? `; waiting for ${some.join(', ')}` : '';
  const line = `Step ${STAGES[rotation.stage]}${who}${rest > 0 ? ` and ${rest} more` : ''}.`;
  return [line, ...wayOut(rotation)].join('\n');
}
