/** A program in a container, with this process's input, output and terminal. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Input } from '@cep/contracts/endpoint';
import { execute, steerExecution } from '@cep/contracts/executions';
import { Problem } from '@cep/contracts/problems';
import type { Client } from '@cep/http/client';

interface Program {
  readonly app: string;
  readonly service?: string;
  readonly command: readonly string[];
  readonly isTerminal: boolean;
}

/** What is typed goes in one request after the other; so much at most in one. */
const PIECE_BYTES = 512 * 1024;

/** @returns its exit code */
export async function runInApp(
  client: Client,
  { app, service, command, isTerminal }: Program,
): Promise<number> {
  const events = await client.stream(execute, {
    params: { app },
    body: {
      ...{ command: [...command], input: true },
      ...(service !== undefined && { service }),
      ...(isTerminal && { terminal: sizeOf(process.stdout) }),
    },
  });
  let leave = () => {};
  try {
    for await (const { execution, stream, data, exitCode } of events) {
      if (execution !== undefined) leave = attach(client, execution, isTerminal);
      if (stream !== undefined && data !== undefined) {
        process[stream].write(Buffer.from(data, 'base64'));
      }
      if (exitCode !== undefined) return exitCode;
    }
    throw new Problem('unavailable', 'The program was lost: its end was not told.');
  } finally {
    leave();
  }
}

const sizeOf = ({ columns = 80, rows = 24 }: { columns?: number; rows?: number }) => ({
  columns: Math.max(1, columns),
  rows: Math.max(1, rows),
});

/** @returns gives the terminal back */
function attach(client: Client, execution: string, isTerminal: boolean): () => void {
  const steer = (body: Input<typeof steerExecution>['body']) =>
    client.call(steerExecution, { params: { execution }, body });
  const { stdin, stdout } = process;
  const resize = () => void steer({ size: sizeOf(stdout) }).catch(() => {});
  if (isTerminal) {
    stdin.setRawMode?.(true);
    stdout.on('resize', resize);
  }
  void sendInput(stdin, steer);
  return () => {
    if (isTerminal) stdin.setRawMode?.(false);
    stdout.off('resize', resize);
    stdin.destroy();
  };
}

type Steer = (body: Input<typeof steerExecution>['body']) => Promise<unknown>;

/** Ends silently with the program: what it did not read is lost, as with any pipe. */
async function sendInput(input: AsyncIterable<Uint8Array>, steer: Steer): Promise<void> {
  try {
    for await (const chunk of input) {
      for (let from = 0; from < chunk.length; from += PIECE_BYTES) {
        const piece = chunk.subarray(from, from + PIECE_BYTES);
        await insist(() => steer({ data: Buffer.from(piece).toString('base64') }));
      }
    }
    await insist(() => steer({ end: true }));
  } catch {
    // The stream of its output says what has become of it.
  }
}

/** Waits when the server wants fewer requests. */
async function insist(work: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'too-many-requests') throw error;
      await sleep(1000 * Number(error.members.retryAfterSeconds ?? 1));
    }
  }
}
