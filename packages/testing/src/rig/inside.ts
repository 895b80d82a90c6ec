import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { JEST } from './jest.ts';
import { runningRig } from './running.ts';

/**
 * Runs a command where the rig that `pnpm rig` keeps up can be reached, or as it is when none runs:
 * `inside.ts jest ARGS…`, `inside.ts COMMAND ARGS…`.
 */
const [name = '', ...args] = process.argv.slice(2);
const rig = runningRig();
if (!rig)
  process.stderr.write('No rig is running ("pnpm rig"): tests that need one are skipped.\n');
const [command = '', ...rest] = [
  ...(rig?.enter ?? []),
  ...(name === 'jest' ? JEST : [name]),
  ...args,
];
const child = spawn(command, rest, { stdio: 'inherit', env: { ...process.env, ...rig?.env } });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
const [code] = await once(child, 'exit');
process.exitCode = code ?? 1;
