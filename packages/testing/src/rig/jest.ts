import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RigEnvironment } from '../components.ts';
import type { Suite } from './options.ts';
import { add, type Counts, NONE, type Outcome, readResults } from './results.ts';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

/** The command that runs jest on this Node, with what ES modules in it need. */
export const JEST = [
  process.execPath,
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  createRequire(join(ROOT, 'package.json')).resolve('jest/bin/jest'),
  `--rootDir=${ROOT}`,
];

const ALONE = '--runInBand';

/** More failures than this are no accident. */
const FEW = 3;

interface Surroundings {
  readonly folder: string;
  readonly env: RigEnvironment;
  readonly end: AbortSignal;
}

/** Runs each suite in turn and adds up; stops between suites once `end` aborts. */
export async function runSuites(
  { suites, rest }: { readonly suites: readonly Suite[]; readonly rest: readonly string[] },
  surroundings: Surroundings,
): Promise<Counts> {
  let total = NONE;
  for (const suite of suites) {
    if (surroundings.end.aborted) break;
    total = add(total, await runSuite(suite, rest, surroundings));
  }
  return total;
}

/**
 * Real machines, real time: on a crowded computer a test of processes may miss a deadline by nothing
 * of its own. So files that failed, if they are few, run once more and alone, and what they say then
 * counts; the first failure stays in the output, and in `unsteady`. Unit tests get no second try.
 */
async function runSuite(
  suite: Suite,
  rest: readonly string[],
  surroundings: Surroundings,
): Promise<Counts> {
  // End-to-end tests are about time and load as well: one at a time.
  const pace = suite === 'e2e' ? ALONE : '--maxWorkers=2';
  const first = await runJest(suite, [pace, ...rest], surroundings);
  const isFew = first.failedFiles.length > 0 && first.failedFiles.length <= FEW;
  if (suite === 'unit' || !isFew || surroundings.end.aborted) return first.counts;
  const files = ['--runTestsByPath', ...first.failedFiles];
  const again = await runJest(suite, [ALONE, ...files], surroundings);
  return {
    ...add(first.elsewhere, again.counts),
    unsteady: again.counts.failed === 0 ? first.failedFiles : [],
  };
}

async function runJest(
  suite: Suite,
  args: readonly string[],
  { folder, env, end }: Surroundings,
): Promise<Outcome> {
  const results = join(await mkdtemp(join(folder, `${suite}-`)), 'results.json');
  const [command = '', ...first] = JEST;
  const child = spawn(
    command,
    [
      ...first,
      `--selectProjects=${suite}`,
      '--passWithNoTests',
      '--json',
      // What a test left running is reported, and does not keep the others from being counted.
      '--forceExit',
      `--outputFile=${results}`,
      ...args,
    ],
    { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } },
  );
  const stop = () => child.kill('SIGTERM');
  end.addEventListener('abort', stop);
  const [code] = await once(child, 'exit');
  end.removeEventListener('abort', stop);
  return readResults(await readFile(results, 'utf8').catch(() => undefined), code);
}
