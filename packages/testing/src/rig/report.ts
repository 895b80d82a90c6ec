import { type ComponentName, components } from '../components.ts';
import type { Counts } from './jest.ts';

/** One loud line for each component whose tests are skipped. */
export function describeMissing(names: readonly ComponentName[]): string {
  return names
    .map(
      (name) =>
        `!!! SKIPPED: every test that needs ${name}. To run them: ${components[name].install}.\n`,
    )
    .join('');
}

/** The line that scripts look for at the end. */
export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped\n`;
}
