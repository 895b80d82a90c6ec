import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RigEnvironment } from '../components.ts';
import type { Suite } from './options.ts';

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

/** The command that runs jest on this Node, with what ES modules in it need. */
export const JEST = [
  process.execPath,
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  createRequire(join(ROOT, 'package.json')).resolve('jest/bin/jest'),
  `--rootDir=${ROOT}`,
];

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
  let total: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const suite of suites) {
    if (surroundings.end.aborted) break;
    const counts = await runSuite(suite, rest, surroundings);
    total = {
      passed: total.passed + counts.passed,
      failed: total.failed + counts.failed,
      skipped: total.skipped + counts.skipped,
    };
  }
  return total;
}

async function runSuite(
  suite: Suite,
  rest: readonly string[],
  { folder, env, end }: Surroundings,
): Promise<Counts> {
  const results = join(folder, `${suite}.json`);
  const [command = '', ...args] = [
    ...JEST,
    `--selectProjects=${suite}`,
    '--passWithNoTests',
    '--json',
    // What a test left running is reported, and does not keep the others from being counted.
    '--forceExit',
    `--outputFile=${results}`,
    // End-to-end tests are about time and load as well: one at a time.
    ...(suite === 'e2e' ? ['--runInBand'] : ['--maxWorkers=2']),
    ...rest,
  ];
  const child = spawn(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  });
  const stop = () => child.kill('SIGTERM');
  end.addEventListener('abort', stop);
  const [code] = await once(child, 'exit');
  end.removeEventListener('abort', stop);
  return count(results, code);
}

/** A suite that ended without results, or whose file could not be loaded, counts as a failure. */
async function count(results: string, code: number | null): Promise<Counts> {
  const text = await readFile(results, 'utf8').catch(() => undefined);
  if (text === undefined) return { passed: 0, failed: code === 0 ? 0 : 1, skipped: 0 };
  const all = JSON.parse(text) as Record<string, number>;
  const sum = (...keys: string[]) => keys.reduce((total, key) => total + (all[key] ?? 0), 0);
  const failed = sum('numFailedTests', 'numRuntimeErrorTestSuites');
  return {
    passed: sum('numPassedTests'),
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: sum('numPendingTests', 'numTodoTests'),
  };
}
