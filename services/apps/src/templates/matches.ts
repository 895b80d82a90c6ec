import { types } from 'node:util';
import { createContext, Script } from 'node:vm';

const PATIENCE_MS = 50;
const TRIES = 40;

const test = new Script('new RegExp(pattern, "u").test(text)');
const place = createContext({ pattern: '', text: '' });

/**
 * Whether a text matches a pattern that nobody vouches for: one that would try for ever is broken off.
 *
 * @returns nothing when 50 ms of work did not tell
 */
export function matches(pattern: string, text: string): boolean | undefined {
  try {
    Object.assign(place, { pattern, text });
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const before = process.cpuUsage();
      const isMatch = attemptMatch();
      if (isMatch !== undefined) return isMatch;
      // On a machine that has other things to do, the time may have gone by without us.
      if (process.cpuUsage(before).user > (PATIENCE_MS * 1000) / 2) return undefined;
    }
    return undefined;
  } finally {
    // It may be a password.
    Object.assign(place, { pattern: '', text: '' });
  }
}

function attemptMatch(): boolean | undefined {
  try {
    return Boolean(test.runInContext(place, { timeout: PATIENCE_MS }));
  } catch (error) {
    if (isTimeout(error)) return undefined;
    throw error;
  }
}

const isTimeout = (error: unknown): boolean =>
  types.isNativeError(error) && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
