import { types } from 'node:util';
import { createContext, Script } from 'node:vm';

const PATIENCE_MS = 50;

const test = new Script('new RegExp(pattern, "u").test(text)');
const place = createContext({ pattern: '', text: '' });

/**
 * Whether a text matches a pattern that nobody vouches for: one that would try for ever is broken off.
 *
 * @returns nothing when that took longer than 50 ms
 */
export function matches(pattern: string, text: string): boolean | undefined {
  try {
    Object.assign(place, { pattern, text });
    return Boolean(test.runInContext(place, { timeout: PATIENCE_MS }));
  } catch (error) {
    if (isTimeout(error)) return undefined;
    throw error;
  } finally {
    // It may be a password.
    Object.assign(place, { pattern: '', text: '' });
  }
}

const isTimeout = (error: unknown): boolean =>
  types.isNativeError(error) && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
