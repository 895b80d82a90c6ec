import { describe } from '@jest/globals';
import { type ComponentName, missing } from './components.ts';

/**
 * `describe` for tests that need real components: `requires('postgres')('the outbox', () => …)`.
 * Where one is missing the tests count as skipped, and the closing report says what to install.
 */
export function requires(...names: ComponentName[]): typeof describe | typeof describe.skip {
  return missing(names, process.env).length === 0 ? describe : describe.skip;
}
