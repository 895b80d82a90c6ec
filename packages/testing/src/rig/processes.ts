import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';

export interface Server {
  readonly pid: number;
  /** Ends it and everything that it started, by force after 10 s. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Ends it, and nothing that it started. */
  end(signal: NodeJS.Signals): Promise<void>;
}

interface ServerOptions {
  /** The rig's folder; the server's output goes to `NAME.log` in it. */
  readonly folder: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Whom it runs as; this process's user when left out. */
  readonly user?: { readonly uid?: number; readonly gid?: number };
  /** Passes once the server answers; it is asked until then. */
  readonly ready: () => Promise<void>;
}

/** Those whose groups do not outlive this process: of one that was ended alone, something may be left. */
const started = new Set<ChildProcess>();

const killAll = (): void => {
  for (const child of started) signalGroup(child, 'SIGKILL');
};

/**
 * Starts a server in a process group of its own, so that ending it ends its children, and waits until
 * it is ready. It does not outlive this process.
 *
 * @throws with the end of its log when it exits or is not ready within a minute
 */
export async function startServer(
  name: string,
  [command = '', ...args]: readonly string[],
  { folder, env = {}, user = {}, ready }: ServerOptions,
): Promise<Server> {
  const log = join(folder, `${name}.log`);
  const output = openSync(log, 'w');
  const child = spawn(command, args, {
    cwd: folder,
    detached: true,
    stdio: ['ignore', output, output],
    env: { ...process.env, ...env },
    ...user,
  });
  const killGroup = () => signalGroup(child, 'SIGKILL');
  started.add(child);
  if (!process.listeners('exit').includes(killAll)) process.once('exit', killAll);
  const exited = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`it ended with ${code ?? signal}`)));
  });
  try {
    await Promise.race([eventually(ready, { within: 60_000 }), exited]);
  } catch (cause) {
    killGroup();
    throw new Error(`${name} did not start; its log ends:\n${tail(log)}`, { cause });
  }
  exited.catch(() => {});
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    await endGroup(child, signal);
    started.delete(child);
  };
  const end = async (signal: NodeJS.Signals) => {
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  };
  return { pid: child.pid ?? 0, stop, end };
}

/** A TCP port on loopback that nobody uses now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  if (address === null || typeof address === 'string') throw new Error('not a TCP address');
  return address.port;
}

async function endGroup(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit');
    const force = setTimeout(() => signalGroup(child, 'SIGKILL'), 10_000);
    child.kill(signal);
    await ended;
    clearTimeout(force);
  }
  signalGroup(child, 'SIGKILL');
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Nobody is left in the group.
  }
}

function tail(path: string): string {
  return readFileSync(path, 'utf8').split('\n').slice(-20).join('\n');
}
