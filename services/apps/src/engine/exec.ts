/** Programs that are run inside a container of ours. */
import type { Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { refused } from './failures.ts';
import { judgeExec } from './policy.ts';

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

interface Program {
  readonly command: readonly string[];
  /** With a terminal both outputs are one stream; without, they come as frames (logs/frames.ts). */
  readonly terminal?: TerminalSize | undefined;
  /** Whether it is given an input. */
  readonly input: boolean;
}

/** One that runs; it ends when its stream does. */
export interface Execution {
  readonly stream: Duplex;
  resize(size: TerminalSize): Promise<void>;
  /** To be asked once the stream has ended. */
  exitCode(): Promise<number>;
}

/** The container in which a program is to run, and the app that it must be of. */
export interface Target {
  readonly instance: string;
  readonly appId: string;
  readonly id: string;
}

/** As the container's own user, with no more rights than the container has. */
export async function startExec(
  docker: Docker,
  target: Target,
  { command, terminal, input }: Program,
): Promise<Execution> {
  const exec = await createExec(docker, target, {
    Cmd: [...command],
    AttachStdin: input,
    AttachStdout: true,
    AttachStderr: true,
    Tty: terminal !== undefined,
  });
  const resize = ({ columns, rows }: TerminalSize) => exec.resize({ w: columns, h: rows });
  const stream = await exec.start({ hijack: true, stdin: input, Tty: terminal !== undefined });
  // It may have ended already, and then has no terminal any more.
  if (terminal) await resize(terminal).catch(() => {});
  return {
    stream,
    resize,
    exitCode: () => exitCodeOf(exec),
  };
}

/** What a program prints may end a moment before it does, milliseconds. */
const END_MS = 10_000;
const LOOK_MS = 50;

async function exitCodeOf(exec: Docker.Exec): Promise<number> {
  for (const until = Date.now() + END_MS; ; await sleep(LOOK_MS)) {
    const { Running, ExitCode } = await exec.inspect();
    if (!Running || Date.now() > until) return ExitCode ?? 1;
  }
}

/** @returns the id of one that is still to be started */
export async function prepareExec(
  docker: Docker,
  target: Target,
  {
    command,
    environment,
  }: Pick<Program, 'command'> & { readonly environment: Readonly<Record<string, string>> },
): Promise<string> {
  const { id } = await createExec(docker, target, {
    Cmd: [...command],
    Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    AttachStdout: true,
    AttachStderr: true,
  });
  return id;
}

async function createExec(docker: Docker, target: Target, payload: Docker.ExecCreateOptions) {
  const container = docker.getContainer(target.id);
  const { Labels } = (await container.inspect()).Config;
  const refusal = judgeExec(payload, { ...NOTHING, ...target }, Labels);
  if (refusal) throw refused(refusal);
  return container.exec(payload);
}

/** What of a scope does not matter here. */
const NOTHING = { network: '', volumes: [], address: '' };

/** Runs a program whose output nobody reads. @returns its exit code; `signal` gives it up */
export async function runExec(
  docker: Docker,
  target: Target,
  { command, signal }: { readonly command: readonly string[]; readonly signal: AbortSignal },
): Promise<number> {
  const { stream, exitCode } = await startExec(docker, target, { command, input: false });
  const giveUp = () => stream.destroy();
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    await finished(stream.resume());
    signal.throwIfAborted();
    return await exitCode();
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
