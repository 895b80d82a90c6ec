import { Problem } from '@cep/contracts/problems';
import { engineUnavailable, isAway } from './failures.ts';

/** For what somebody waits for: without the engine there is no answer. */
export function unavailable(error: unknown): never {
  if (!isAway(error)) throw error;
  const { message, next } = engineUnavailable;
  throw new Problem('unavailable', `${message} ${next}`, { cause: error });
}
