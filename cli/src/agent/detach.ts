import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { HostFolder } from './host-folder.ts';

/**
 * Starts the supervisor in the background, in a session of its own, so that it outlives the terminal.
 *
 * @param root  where the program's modules are: bundled, or as written
 */
export function detach(root: string, folder: HostFolder, nebula: string): void {
  const bundled = join(root, 'agent/main.js');
  const main = existsSync(bundled) ? bundled : join(root, 'agent/main.ts');
  const { path, network, host } = folder;
  const args = [...process.execArgv, main, path, network, host, nebula];
  spawn(process.execPath, args, { detached: true, stdio: 'ignore', cwd: '/' }).unref();
}
