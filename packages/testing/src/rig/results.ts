export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Files that failed first and passed when they ran alone. */
  readonly unsteady: readonly string[];
}

export const NONE: Counts = { passed: 0, failed: 0, skipped: 0, unsteady: [] };

export const add = (a: Counts, b: Counts): Counts => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
  unsteady: [...a.unsteady, ...b.unsteady],
});

export interface Outcome {
  readonly counts: Counts;
  /** Absolute paths of the files with a failure. */
  readonly failedFiles: readonly string[];
  /** What the other files say. */
  readonly elsewhere: Counts;
}

/** What jest's `--json` writes, as far as it is read here. */
interface Results {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/**
 * Reads what jest has written, if anything, and how it ended. A suite that ended without results
 * counts as a failure, and so does a file that could not be loaded.
 */
export function readResults(text: string | undefined, code: number | null): Outcome {
  const failure: Counts = { ...NONE, failed: 1 };
  if (text === undefined) return { ...NOTHING, counts: code === 0 ? NONE : failure };
  const files = (JSON.parse(text) as Results).testResults.map(
    ({ name, status, assertionResults }) => {
      const count = (...of: string[]) =>
        assertionResults.filter((each) => of.includes(each.status)).length;
      const failed = count('failed');
      const counts = {
        ...NONE,
        passed: count('passed'),
        skipped: count('pending', 'todo', 'skipped', 'disabled'),
        failed: failed === 0 && status === 'failed' ? 1 : failed,
      };
      return { name, counts };
    },
  );
  const isBad = ({ counts }: { counts: Counts }) => counts.failed > 0;
  const sum = (some: typeof files) => some.map(({ counts }) => counts).reduce(add, NONE);
  const counts = sum(files);
  return {
    // Something outside of every test: nothing to try again.
    counts: counts.failed === 0 && code !== 0 ? failure : counts,
    failedFiles: files.filter(isBad).map(({ name }) => name),
    elsewhere: sum(files.filter((each) => !isBad(each))),
  };
}

const NOTHING = { failedFiles: [], elsewhere: NONE };
