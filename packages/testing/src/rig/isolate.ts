import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PREFIX = 'cep-rig-';

/** A signal, or the end of the process that started this one. */
const ENDINGS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'] as const;

/**
 * Namespaces of the rig's own: ports, bridges, packet filter, mounts and processes in them meet
 * nobody else's, several rigs run side by side, and all of it ends with the first process in them.
 */
const NAMESPACES = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];

/**
 * Prepares the namespaces, then waits as their first process, which collects orphans. A file that is
 * mounted cannot be replaced: the resolver of the machine stays what it is.
 */
const FIRST_PROCESS = `
  ip link set lo up || exit 1
  for folder in /run/netns /etc/netns; do
    mkdir -p $folder && mount -t tmpfs tmpfs $folder || exit 1
  done
  mount --bind /etc/resolv.conf /etc/resolv.conf
  "$@"; exit $?`;

/**
 * Runs a program of the rig (which calls {@link runInside}) with a folder of its own, and in
 * namespaces where this user may make them. Removes the folder whatever happens to the program, and
 * first those of rigs whose process was killed.
 *
 * @returns the program's exit code
 */
export async function isolated(program: URL, args: readonly string[]): Promise<number> {
  sweep();
  const folder = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  // Servers that refuse to run as root must get through to their folders.
  chmodSync(folder, 0o711);
  const namespaces = canIsolate();
  const node = [process.execPath, '--conditions=source', fileURLToPath(program), ...args];
  const wrapped = ['unshare', ...NAMESPACES, 'sh', '-c', FIRST_PROCESS, 'sh', ...node];
  const [command = '', ...rest] = namespaces ? wrapped : node;
  const env = { ...process.env, TEST_RIG_FOLDER: folder };
  const child = spawn(command, rest, {
    // The channel tells the program when this process is gone, by whatever signal.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: namespaces ? { ...env, TEST_NAMESPACES: '1' } : env,
  });
  if (namespaces) writeFileSync(join(folder, 'unshare.pid'), String(child.pid));
  const stop = () => child.connected && child.disconnect();
  for (const signal of ENDINGS) process.on(signal, stop);
  const [code] = await once(child, 'exit');
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  return code ?? 1;
}

/** The first process of the rig in `folder`, as seen from outside its namespaces. */
export function firstProcess(folder: string): string | undefined {
  try {
    const unshare = readFileSync(join(folder, 'unshare.pid'), 'utf8');
    return readFileSync(`/proc/${unshare}/task/${unshare}/children`, 'utf8').trim();
  } catch {
    return;
  }
}

/** Calls `main` with the rig's folder, and a signal that aborts when the rig is to end. */
export async function runInside(
  main: (folder: string, end: AbortSignal) => Promise<number>,
): Promise<void> {
  const folder = process.env.TEST_RIG_FOLDER ?? '';
  const ending = new AbortController();
  const end = () => ending.abort();
  for (const signal of ENDINGS) process.on(signal, end);
  process.exit(await main(folder, ending.signal));
}

function canIsolate(): boolean {
  if (process.getuid?.() !== 0) return false;
  const trial = spawnSync('unshare', [...NAMESPACES, 'sh', '-c', FIRST_PROCESS, 'sh', 'true']);
  return trial.status === 0;
}

function sweep(): void {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const owner = Number(name.slice(PREFIX.length).split('-')[0]);
    if (!isAlive(owner)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
