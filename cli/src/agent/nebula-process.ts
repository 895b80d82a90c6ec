import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';
import type { HostFolder } from './host-folder.ts';
import { end, findProcesses } from './processes.ts';

interface Supervision {
  /** Path of the program. */
  readonly nebula: string;
  readonly folder: HostFolder;
  readonly log: (line: string) => void;
  /** Called before each start. @throws {Error} when there is nothing to start: it is tried again */
  readonly prepare: () => Promise<void>;
  /** Nebula ended by itself; it is started again. */
  readonly onCrash: (sentence: string) => void;
  /** Aborted: nebula is stopped for good. */
  readonly stop: AbortSignal;
}

/** A nebula that is kept running: one that ends is started again, ever more slowly. */
export interface NebulaProcess {
  /** Makes it read its file again, if it runs, once it takes signals. @returns what it says from then on */
  hangUp(): Promise<Talk>;
  /** Starts it anew, at once; resolves when it has begun. */
  restart(): Promise<Talk>;
  /** Resolves after {@link Supervision.stop}, when it is gone. */
  readonly ended: Promise<void>;
}

export interface Talk extends Disposable {
  readonly lines: readonly string[];
  /** @returns whether it said it before `withinMs` were over */
  hears(words: RegExp, withinMs: number): Promise<boolean>;
}

/**
 * Its last word at a start and at a reload. A SIGHUP before it ends nebula, or is lost. Further on in a
 * line there may be words of others, such as what a stranger calls himself.
 */
export const READY = /^(?:time="?\S+ )?level="?info"? msg="SSH server is listening"/i;
const READY_WITHIN_MS = 3_000;
/** Nebula closes its tunnels within this time. */
const PATIENCE_MS = 3_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** One that ran for so long had started well. */
const STEADY_MS = 60_000;

interface Events {
  line: [string];
  start: [];
  again: [];
}

export function superviseNebula(supervision: Supervision): NebulaProcess {
  const { nebula, folder, log, prepare, onCrash, stop } = supervision;
  const events = new EventEmitter<Events>().setMaxListeners(50);
  events.on('line', log);
  let child: ChildProcess | undefined;
  let again = false;
  let takesSignals = false;
  events.on('line', (line) => {
    if (READY.test(line)) takesSignals = true;
  });

  /** @returns how it ended */
  async function runOnce(): Promise<string> {
    try {
      await prepare();
    } catch (error) {
      return (error as Error).message;
    }
    takesSignals = false;
    child = spawn(nebula, argumentsOf(folder), { stdio: ['ignore', 'pipe', 'pipe'] });
    events.emit('start');
    const ended = await untilEnd(child, (line) => events.emit('line', line), stop);
    child = undefined;
    return ended;
  }

  async function keepRunning(): Promise<void> {
    await endStrays(folder);
    let pause = FIRST_PAUSE_MS;
    while (!stop.aborted) {
      const began = Date.now();
      again = false;
      const ended = await runOnce();
      if (stop.aborted) return;
      if (again || Date.now() - began > STEADY_MS) pause = FIRST_PAUSE_MS;
      if (again) continue;
      onCrash(`nebula ended (${ended})`);
      log(`nebula ended (${ended}); it is started again in ${pause / 1000} s`);
      const over = AbortSignal.any([stop, AbortSignal.timeout(pause)]);
      await once(events, 'again', { signal: over }).catch(() => {});
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }

  return {
    async hangUp() {
      if (!takesSignals) await untilReady(events);
      const talk = listen(events);
      if (takesSignals) child?.kill('SIGHUP');
      return talk;
    },
    async restart() {
      again = true;
      const started = once(events, 'start', { signal: stop });
      if (child) terminate(child);
      else events.emit('again');
      const talk = listen(events);
      await started;
      return talk;
    },
    ended: keepRunning(),
  };
}

function listen(events: EventEmitter<Events>): Talk {
  const lines: string[] = [];
  const hear = (line: string) => lines.push(line);
  events.on('line', hear);
  return {
    lines,
    async hears(words, withinMs) {
      const deadline = AbortSignal.timeout(withinMs);
      while (!lines.some((line) => words.test(line))) {
        const next = await once(events, 'line', { signal: deadline }).catch(() => undefined);
        if (!next) return false;
      }
      return true;
    },
    [Symbol.dispose]: () => events.off('line', hear),
  };
}

async function untilReady(events: EventEmitter<Events>): Promise<void> {
  const talk = listen(events);
  await talk.hears(READY, READY_WITHIN_MS);
  talk[Symbol.dispose]();
}

/** The processes that a supervisor left behind which was killed: they hold interface and port. */
export const findStrays = (folder: HostFolder) => findProcesses(...argumentsOf(folder));

export async function endStrays(folder: HostFolder): Promise<void> {
  await Promise.all(findStrays(folder).map((each) => end(each, PATIENCE_MS)));
}

/** Nobody else starts a nebula with these, so that ours is known by them. */
const argumentsOf = ({ config }: HostFolder): string[] => ['-config', config];

function terminate(child: ChildProcess): void {
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  child.once('exit', () => clearTimeout(kill));
}

async function untilEnd(
  child: ChildProcess,
  hear: (line: string) => void,
  stop: AbortSignal,
): Promise<string> {
  for (const output of [child.stdout, child.stderr]) {
    if (output) createInterface({ input: output }).on('line', hear);
  }
  const quit = () => terminate(child);
  stop.addEventListener('abort', quit);
  if (stop.aborted) quit();
  try {
    const [code, signal] = await once(child, 'exit');
    return signal ? `by ${signal}` : `with code ${code}`;
  } catch (error) {
    return (error as Error).message;
  } finally {
    stop.removeEventListener('abort', quit);
  }
}
