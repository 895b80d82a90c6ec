import { setTimeout as sleep } from 'node:timers/promises';
import { type Operation, watchOperation } from '@cep/contracts/operations';
import { Problem } from '@cep/contracts/problems';
import type { Client } from '@cep/http/client';

/** A server that restarts is back within this time. */
const PATIENCE_MS = 60_000;
const RETRY_MS = 500;

/**
 * Follows an operation to its end, across lost connections and restarts of the server.
 *
 * @param show  told each state, the last one included
 * @throws {Problem} `unavailable` when the server is away for longer than {@link PATIENCE_MS}
 */
export async function followOperation(
  client: Client,
  operation: string,
  show: (state: Operation) => void,
): Promise<Operation> {
  let lastHeard = Date.now();
  for (;;) {
    let state: Operation | undefined;
    try {
      for await (state of await client.stream(watchOperation, { params: { operation } })) {
        lastHeard = Date.now();
        show(state);
      }
    } catch (error) {
      const isLost = error instanceof Problem && error.code === 'unavailable';
      if (!isLost || Date.now() - lastHeard > PATIENCE_MS) throw error;
    }
    if (state && state.state !== 'running') return state;
    await sleep(RETRY_MS);
  }
}
