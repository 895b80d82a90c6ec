import type { RotationState } from '@cep/contracts/rotations';
import { snapshot } from '@cep/database/transaction';
import type { Pool } from 'pg';
import { findTrusted, getAuthority } from '../authorities/store.ts';
import { findParticipants, findRotation } from './store.ts';

/** How far a network is. */
export const describe = (db: Pool, networkId: string): Promise<RotationState> =>
  snapshot(db, async (tx) => {
    const current = await getAuthority(tx, networkId);
    const authority = {
      fingerprint: current.fingerprint,
      expiresAt: current.not_after.toISOString(),
    };
    const rotation = await findRotation(tx, networkId);
    if (rotation === undefined) return { authority, rotation: null };
    const { stage, startedAt } = rotation;
    const trusted = await findTrusted(tx, networkId);
    const other = trusted.find(({ state }) => state !== 'current')?.fingerprint ?? '';
    const { fingerprint } = current;
    const [from, to] = stage === 'trust' ? [fingerprint, other] : [other, fingerprint];
    const all = await findParticipants(tx, networkId);
    const waitingFor = all
      .filter(({ hasConfirmed, isLeftBehind }) => !hasConfirmed && !isLeftBehind)
      .map(({ host, connected, live, lastSeenAt }) => ({
        ...{ host, connected, live },
        lastSeenAt: lastSeenAt?.toISOString() ?? null,
      }));
    const leftBehind = all.filter(({ isLeftBehind }) => isLeftBehind).map(({ host }) => host);
    const started = startedAt.toISOString();
    return {
      authority,
      rotation: { stage, from, to, hosts: all.length, waitingFor, leftBehind, startedAt: started },
    };
  });
