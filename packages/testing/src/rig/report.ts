import { type ComponentName, components } from '../components.ts';
import type { Counts } from './results.ts';

/** One loud line for each component whose tests are skipped. */
export function describeMissing(names: readonly ComponentName[]): string {
  return names
    .map(
      (name) =>
        `!!! SKIPPED: every test that needs ${name}. To run them: ${components[name].install}.\n`,
    )
    .join('');
}

/** One loud line for each file that did not pass at once. */
export function describeUnsteady({ unsteady }: Counts): string {
  return unsteady
    .map(
      (file) => `!!! UNSTEADY: ${file} failed, and passed when it ran again alone. Look into it.\n`,
    )
    .join('');
}

/** The line that scripts look for at the end. */
export function closingLine({ passed, failed, skipped }: Omit<Counts, 'unsteady'>): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped\n`;
}
