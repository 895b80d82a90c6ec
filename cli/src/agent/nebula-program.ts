import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { failure } from '../failure.ts';

const run = promisify(execFile);

/** Debian keeps programs for administrators where other people's PATH does not look. */
const MORE_FOLDERS = ['/usr/sbin', '/usr/bin', '/usr/local/bin', '/sbin'];

/** `CAP_NET_ADMIN`, `linux/capability.h` */
const NET_ADMIN = 1n << 12n;

export interface NebulaProgram {
  readonly path: string;
  /** e.g. `1.6.1` */
  readonly version: string;
}

/**
 * The nebula of this machine: `CEP_NEBULA`, else the first on the path.
 *
 * @throws {CLIError} that says how to install it
 */
export async function findNebula(env: NodeJS.ProcessEnv): Promise<NebulaProgram> {
  const folders = [...(env.PATH ?? '').split(delimiter), ...MORE_FOLDERS].filter(Boolean);
  const path = env.CEP_NEBULA || folders.map((folder) => join(folder, 'nebula')).find(existsSync);
  if (!path)
    throw failure('nebula is not installed: run "sudo apt-get install -y nebula" and try again.');
  try {
    const { stdout } = await run(path, ['-version']);
    return { path, version: stdout.replace(/^Version:\s*/, '').trim() };
  } catch (cause) {
    throw failure(`${path} does not run: install nebula anew, or name another with CEP_NEBULA.`, {
      cause,
    });
  }
}

/** @throws {CLIError} when this process may not make network interfaces */
export function checkPrivileges(): void {
  if (!mayMakeInterfaces())
    throw failure(
      'Connecting makes a network interface, which needs root: put "sudo" before the command.',
    );
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
  } catch (cause) {
    throw failure(
      'There is no /dev/net/tun here: load it with "modprobe tun", or start the container with --device /dev/net/tun.',
      { cause },
    );
  }
}

export function mayMakeInterfaces(): boolean {
  const status = readFileSync('/proc/self/status', 'utf8');
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0';
  return (BigInt(`0x${effective}`) & NET_ADMIN) !== 0n;
}

/** @throws {CLIError} with nebula's own words when it would not start with this file */
export async function tryConfig({ path }: NebulaProgram, config: string): Promise<void> {
  try {
    await run(path, ['-test', '-config', config]);
  } catch (cause) {
    const { stdout = '', stderr = '' } = cause as { stdout?: string; stderr?: string };
    const words = `${stdout}${stderr}`.trim().split('\n').at(-1) ?? '';
    throw failure(`nebula does not take its configuration, so nothing was changed: ${words}`, {
      cause,
    });
  }
}
