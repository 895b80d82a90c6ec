import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LabHost } from './lab-host.ts';

interface Ping {
  /** When the last answer came, once there was none for a while; milliseconds since 1970. */
  lastAnswer(): Promise<number>;
  /** The longest time between two answers so far, in milliseconds. */
  largestGap(): number;
  stop(): Promise<void>;
}

const EVERY_MS = 5;
const SILENCE_MS = 1_500;

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
  while (answers.length < 10) await once(lines, 'line');
  return {
    async lastAnswer() {
      while (Date.now() - (answers.at(-1) ?? 0) < SILENCE_MS) await sleep(50);
      return answers.at(-1) ?? 0;
    },
    largestGap: () =>
      [...answers, Date.now()].reduce(
        (gap, time, index) => Math.max(gap, time - (answers[index - 1] ?? time)),
        0,
      ),
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGINT');
      await ended;
    },
  };
}
