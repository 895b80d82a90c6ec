/** Runs a script of a dump in a container, with what it prints as a stream, and what it complains of kept. */
import type { Duplex } from 'node:stream';
import type { Engine } from '../../engine/engine.ts';
import { Failure, isFull } from '../../engine/failures.ts';
import { redact } from '../../generations/redact.ts';
import { readFrames } from '../../logs/frames.ts';

/** A program that neither prints nor takes anything for so long has hung, milliseconds. */
const PATIENCE_MS = 30 * 60_000;

/** So many characters of its complaints are kept. */
const LONGEST = 4_000;

/** A container, and the app that it has to be of. */
export interface Inside {
  readonly appId: string;
  readonly id: string;
}

export interface Script {
  readonly text: string;
  /** Its arguments. */
  readonly words: readonly string[];
  readonly input: boolean;
  /** Values that are not to be seen in what it complains of. */
  readonly secrets: readonly string[];
}

export interface Run {
  readonly stream: Duplex;
  /** What it prints, as it comes. */
  output(): AsyncGenerator<Uint8Array>;
  /** It is alive: it has been given something. */
  touch(): void;
  /** What it complained of last. */
  words(): string;
  exitCode(): Promise<number>;
  /** To be called in any case. */
  end(): void;
}

export async function runScript(
  engine: Engine,
  inside: Inside,
  { text, words: given, input, secrets }: Script,
  signal: AbortSignal,
): Promise<Run> {
  const command = ['sh', '-c', text, 'cep', ...given];
  const { stream, exitCode } = await engine.exec(inside, { command, input });
  // Whoever reads it is told; nobody may be reading just then.
  stream.on('error', () => {});
  let words = '';
  const complaints = new TextDecoder();
  const leave = () => stream.destroy(signal.reason as Error);
  signal.addEventListener('abort', leave, { once: true });
  const timer = setTimeout(() => stream.destroy(hung(input)), PATIENCE_MS);
  return {
    stream,
    exitCode,
    words: () => words.trim(),
    touch: () => void timer.refresh(),
    async *output() {
      for await (const { stream: name, bytes } of readFrames(stream)) {
        timer.refresh();
        if (name === 'stdout') yield bytes;
        else words = lastOf(words + complaints.decode(bytes, { stream: true }), secrets);
      }
    },
    end() {
      clearTimeout(timer);
      signal.removeEventListener('abort', leave);
      stream.destroy();
    },
  };
}

/** What is cut off within a secret is not left over: as soon as all of one is there, it is gone. */
const lastOf = (text: string, secrets: readonly string[]): string =>
  redact(text, secrets).slice(-2 * LONGEST);

const hung = (isLoad: boolean): Failure =>
  new Failure({
    code: isLoad ? 'load-failed' : 'dump-failed',
    message: `A program that ${isLoad ? 'loads' : 'makes'} a dump did nothing for 30 minutes, and was given up.`,
    next: 'See what the database waits for: "cep apps logs"; then try again.',
  });

interface Trouble {
  readonly code: 'dump-failed' | 'load-failed';
  readonly sentence: string;
  readonly words: string;
  readonly next: string;
}

export function failed({ code, sentence, words, next }: Trouble): Failure {
  const said = words && `\n${words.slice(-LONGEST)}`;
  if (isFull(words)) {
    const free = 'Free some space where Docker keeps volumes; then try again.';
    return new Failure({ code: 'no-space', message: sentence + said, next: free });
  }
  return new Failure({ code, message: sentence + said, next });
}
