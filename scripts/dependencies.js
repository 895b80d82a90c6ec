import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Runs on whatever Node the machine has; what it installs brings the Node that runs the rest. */
const root = fileURLToPath(new URL('..', import.meta.url));
const wanted = `${root}pnpm-lock.yaml`;
const installed = `${root}node_modules/.pnpm/lock.yaml`;
const COMMAND = ['npx', '--yes', 'pnpm@12', 'install', '--frozen-lockfile'];

/**
 * Installs the packages that the lock file names, unless they are there; ends the program on failure,
 * or with the command to run when it may not install.
 */
export function ensureDependencies({ mayInstall = true } = {}) {
  if (existsSync(installed) && readFileSync(installed).equals(readFileSync(wanted))) return;
  if (!mayInstall) {
    console.error(`The packages of cep are not installed. Run: ${COMMAND.join(' ')}`);
    process.exit(1);
  }
  console.log('Installing the packages of cep, once; it takes a minute …');
  const [program, ...args] = COMMAND;
  const { status } = spawnSync(program, args, {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status === 0) return;
  console.error(`The packages of cep could not be installed. To see why: ${COMMAND.join(' ')}`);
  process.exit(status ?? 1);
}

/** The Node that the project pins, for running its TypeScript as it is. */
export const projectNode = `${root}node_modules/.bin/node`;
