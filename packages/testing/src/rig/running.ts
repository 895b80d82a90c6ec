import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { RigEnvironment } from '../components.ts';
import { firstProcess } from './isolate.ts';

/** Where `pnpm rig` says what it runs, while it does; each worktree has its own. */
export const RIG_FILE = fileURLToPath(new URL('../../../../.cache/rig.json', import.meta.url));

interface RunningRig {
  readonly env: RigEnvironment;
  /** What to put before a command so that it runs where the rig's addresses mean the rig. */
  readonly enter: readonly string[];
}

/** The rig that `pnpm rig` keeps up for this worktree, if there is one. */
export function runningRig(): RunningRig | undefined {
  let saved: { readonly folder: string; readonly env: RigEnvironment };
  try {
    saved = JSON.parse(readFileSync(RIG_FILE, 'utf8'));
  } catch {
    return;
  }
  if (!saved.env.TEST_NAMESPACES) return { env: saved.env, enter: [] };
  const pid = firstProcess(saved.folder);
  if (!pid) return;
  const namespaces = ['--net', '--mount', '--pid', `--wd=${process.cwd()}`];
  // `nsenter` passes no signal on: its end has to be one.
  const follow = ['setpriv', '--pdeathsig', 'TERM'];
  return { env: saved.env, enter: ['nsenter', `--target=${pid}`, ...namespaces, '--', ...follow] };
}
