import { Problem } from '@cep/contracts/problems';

const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/** What a person has to change first: asking often does not help. */
const SLOWLY: Partial<Record<Problem['code'], number>> = {
  'wrong-clock': 20_000,
  'too-many-requests': 60_000,
  'not-signed-in': 120_000,
  'host-revoked': 300_000,
  'connected-elsewhere': 300_000,
};

/**
 * How long to wait before the next try, in milliseconds: twice as long each time, and by half at
 * random, so that a thousand hosts do not come back in one moment.
 *
 * @param failures  in a row, this one included
 * @param random    from 0 to 1
 */
export function pauseAfter(error: unknown, failures: number, random = Math.random()): number {
  const slowly = error instanceof Problem ? SLOWLY[error.code] : undefined;
  const whole = slowly ?? Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
  return whole * (0.5 + random / 2);
}
