import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '@cep/contracts/problems';
import { getRotation, type RotationState } from '@cep/contracts/rotations';
import type { Client } from '@cep/http/client';

const ASK_MS = 1_000;

/**
 * Asks until the rotation has ended, also across restarts of the server.
 *
 * @param show  told each state
 */
export async function followRotation(
  client: Client,
  network: string,
  show: (state: RotationState) => void,
): Promise<RotationState> {
  for (;;) {
    const state = await client
      .call(getRotation, { params: { network } })
      .catch((error: unknown) => {
        if (error instanceof Problem && error.code === 'unavailable') return undefined;
        throw error;
      });
    if (state) show(state);
    if (state?.rotation === null) return state;
    await sleep(ASK_MS);
  }
}
