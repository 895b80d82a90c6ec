import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LabHost } from './lab-host.ts';

interface Ping {
  /** When the first answer came; milliseconds since 1970. */
  readonly firstAnswer: number;
  /** When the last answer came, once there was none for a while; milliseconds since 1970. */
  lastAnswer(): Promise<number>;
  /** Stops it. @returns the longest time between two answers, and from the last to the end, in milliseconds */
  largestGap(): Promise<number>;
  stop(): Promise<void>;
}

const EVERY_MS = 5;
const SILENCE_MS = 1_500;

/** Whoever is not answered, or not cut off, by then never is. */
const PATIENCE_MS = 20_000;

/** Pings from a host until it is stopped, or the lab closed; returns when the first answers have come. */
export async function startPing(from: LabHost, to: string): Promise<Ping> {
  const args = ['-D', '-n', '-i', String(EVERY_MS / 1000), to];
  const child = from.spawn('ping', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const answers: number[] = [];
  if (!child.stdout) throw new Error('ping has no output');
  const lines = createInterface({ input: child.stdout }).on('line', (line) => {
    const [, seconds] = /^\[(\d+\.\d+)\] \d+ bytes from/.exec(line) ?? [];
    if (seconds) answers.push(Number(seconds) * 1000);
  });
  const patience = AbortSignal.timeout(PATIENCE_MS);
  while (answers.length < 10) await once(lines, 'line', { signal: patience });
  const stop = async () => {
    const read = once(lines, 'close');
    child.kill('SIGINT');
    await read;
  };
  return {
    firstAnswer: answers[0] ?? 0,
    async lastAnswer() {
      const deadline = Date.now() + PATIENCE_MS;
      while (Date.now() - (answers.at(-1) ?? 0) < SILENCE_MS) {
        if (Date.now() > deadline) throw new Error(`${to} goes on answering`);
        await sleep(50);
      }
      return answers.at(-1) ?? 0;
    },
    async largestGap() {
      const end = Date.now();
      // By ping's own clock: this process may be late to read what it says.
      await stop();
      return [...answers, end].reduce(
        (gap, time, index) => Math.max(gap, time - (answers[index - 1] ?? time)),
        0,
      );
    },
    stop,
  };
}
