/** cep as people run it: `npm start` in a home of its own, and the CLI as a program. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LabHost } from '@cep/testing/lab-host';
import { nebulaPrograms } from '@cep/testing/nebula';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const READY = /cep runs at (https:\/\/\S+)\s+Certificate: (\S+)/;

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A machine's own state: a folder that `CEP_HOME` names. */
export function createHome(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'cep-e2e-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}

const environment = (home: string, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: `${dirname(nebulaPrograms('1.6').nebula)}:${process.env.PATH}`,
  CEP_HOME: home,
  DOCKER_HOST: process.env.TEST_DOCKER_HOST,
  NODE_OPTIONS: '',
  ...more,
});

export interface RunningCep {
  readonly url: URL;
  readonly fingerprint: string;
  readonly output: () => string;
  /** The process that is cep itself, below npm. */
  readonly kill: () => Promise<void>;
  /** As Ctrl-C; @returns how many milliseconds it took */
  readonly stop: () => Promise<number>;
}

/** `npm start`, up to the line that says where it runs. */
export async function startCep(home: string, env: NodeJS.ProcessEnv = {}): Promise<RunningCep> {
  const child = spawn('npm', ['start', '--', '--no-install'], {
    cwd: root,
    env: environment(home, { CEP_PORT: '0', ...env }),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { output, ready } = watch(child);
  const [, url = '', fingerprint = ''] = await ready;
  const exited = once(child, 'exit');
  return {
    url: new URL(url),
    fingerprint,
    output,
    async kill() {
      process.kill(-(child.pid ?? 0), 'SIGKILL');
      await exited;
    },
    async stop() {
      const begin = performance.now();
      process.kill(-(child.pid ?? 0), 'SIGINT');
      await exited;
      return performance.now() - begin;
    },
  };
}

function watch(child: ChildProcess) {
  let text = '';
  const ready = new Promise<RegExpExecArray>((resolve, reject) => {
    const look = (chunk: Buffer) => {
      text += chunk.toString();
      const found = READY.exec(text);
      if (found) resolve(found);
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
    child.once('exit', (code) => reject(new Error(`npm start ended with ${code}:\n${text}`)));
  });
  return { output: () => text, ready };
}

/** What `npm start` does to its end, for starts that are refused. */
export async function tryStart(home: string, env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  return run('npm', ['start', '--', '--no-install'], environment(home, env));
}

/** A machine on which `cep` is typed: this one, or a host of a lab; `more` is added to its environment. */
export function cliOf(home: string, host?: LabHost, more: NodeJS.ProcessEnv = {}) {
  const program = join(root, 'cep');
  const env = environment(home, more);
  const cep = (...args: string[]): Promise<Outcome> =>
    host ? host.exec(program, args, { env }) : run(program, args, env);
  return {
    cep,
    /** Runs it with `--json`. @throws when it fails */
    async json<T>(...args: string[]): Promise<T> {
      const { code, stdout, stderr } = await cep(...args, '--json');
      if (code !== 0)
        throw new Error(`cep ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
      return JSON.parse(stdout) as T;
    },
    /** Runs it on this machine, with this input. */
    piped: (input: string, ...args: string[]): Promise<Outcome> => run(program, args, env, input),
    /** Runs it on this machine, in a terminal into which this is typed. */
    typed(input: string, ...args: string[]): Promise<Outcome> {
      const line = [program, ...args].map((word) => `'${word}'`).join(' ');
      return run('script', ['--quiet', '--return', '--command', line, '/dev/null'], env, input);
    },
  };
}

/** Runs a program in the project's folder to its end, whatever its exit code. */
export function run(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  input = '',
): Promise<Outcome> {
  return new Promise((resolve) => {
    const options = { cwd: root, env, maxBuffer: 16 * 1024 * 1024 };
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : error ? 128 : 0;
      resolve({ code, stdout, stderr });
    });
    // A program that reads nothing may be gone before it is given its input.
    child.stdin?.on('error', () => {}).end(input);
  });
}
