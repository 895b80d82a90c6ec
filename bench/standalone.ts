/** cep as people start it, in a home of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

export interface Standalone {
  /** Milliseconds from `npm start` to the line that says where it runs. */
  readonly readyIn: number;
  /** The process that is cep: below npm, and beside PostgreSQL. */
  readonly pid: number;
  /** npm, its shell and the script, which wait for cep to end. */
  readonly waiting: readonly number[];
  stop(): Promise<void>;
}

/** Runs `npm start` until it is ready, on any free port. */
export async function startStandalone(home: string): Promise<Standalone> {
  await chmod(home, 0o711); // PostgreSQL passes through as another account
  const started = performance.now();
  const npm = spawn('npm', ['start', '--', '--no-install'], {
    cwd: root,
    env: { ...process.env, CEP_HOME: home, CEP_PORT: '0', NODE_OPTIONS: '' },
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(npm, 'exit');
  let text = '';
  await new Promise<void>((resolve) => {
    npm.stdout.on('data', (chunk) => {
      text += chunk;
      if (text.includes('cep runs at')) resolve();
    });
    npm.once('exit', () => resolve());
  });
  const readyIn = performance.now() - started;
  const [pid, ...waiting] = (await lineOf(npm.pid ?? 0)).toReversed();
  if (!pid || waiting.length === 0) throw new Error(`cep did not start:\n${text}`);
  return {
    readyIn,
    pid,
    waiting,
    async stop() {
      process.kill(-(npm.pid ?? 0), 'SIGINT');
      await exited;
    },
  };
}

/** A process and its first descendants, down to cep itself, whose only children are PostgreSQL's. */
async function lineOf(pid: number): Promise<number[]> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  if (command.includes('deploy/standalone/')) return [pid];
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const [first] = children.split(' ').filter(Boolean);
  return first === undefined ? [pid] : [pid, ...(await lineOf(Number(first)))];
}
