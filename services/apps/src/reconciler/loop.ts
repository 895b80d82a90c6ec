/**
 * When to reconcile: each app one at a time, again when something came up meanwhile, and later when
 * it failed. What wakes it need not say why: a pass looks at everything.
 */
import type { Reason } from '@cep/contracts/apps';
import type { Logger } from '@cep/logging/logger';
import type { Outcome } from './outcome.ts';

export interface Loop {
  /** Somebody asks: at once, whatever failed before. */
  wake(appId: string): void;
  /** Something happened, or time has passed: at once, unless it failed a moment ago. */
  nudge(appId: string): void;
  /** As {@link wake}; what is under way for the app is broken off, since something else is wanted. */
  interrupt(appId: string): void;
  /** Breaks everything off, and waits a little for it to end. */
  stop(): Promise<void>;
}

interface Deps {
  readonly reconcile: (appId: string, signal: AbortSignal) => Promise<Outcome>;
  readonly log: Logger;
}

interface Entry {
  running?: { readonly breakOff: AbortController; readonly ended: Promise<void> };
  /** Whether something came up during the pass: an event, or somebody who asked. */
  again: 'no' | 'nudged' | 'asked';
  timer?: NodeJS.Timeout;
  /** How often it has failed in a row; while positive, only {@link Loop.wake} is heard. */
  failures: number;
}

const STOP_MS = 1_500;
const SOON_MS = 5_000;
const LATER_MS = 30_000;
const LATEST_MS = 600_000;

/** Milliseconds until the next attempt: soon for what comes back by itself, else ever later. */
function retryDelay(code: Reason['code'], failures: number): number {
  if (code === 'address-missing' || code === 'engine-unavailable') return SOON_MS;
  const delay = Math.min(LATEST_MS, LATER_MS * 2 ** (failures - 1));
  return delay * (0.75 + Math.random() / 4);
}

export function createLoop({ reconcile, log }: Deps): Loop {
  const entries = new Map<string, Entry>();
  let isStopped = false;

  function entryOf(appId: string): Entry {
    const entry = entries.get(appId) ?? { again: 'no', failures: 0 };
    entries.set(appId, entry);
    return entry;
  }

  function wake(appId: string): void {
    const entry = entryOf(appId);
    entry.failures = 0;
    entry.again = 'asked';
    run(appId, entry);
  }

  function run(appId: string, entry: Entry): void {
    if (isStopped || entry.running) return;
    clearTimeout(entry.timer);
    const breakOff = new AbortController();
    // Begins after this line, so that what it causes finds it running.
    const ended = Promise.resolve().then(() => pass(appId, entry, breakOff.signal));
    entry.running = { breakOff, ended };
  }

  async function pass(appId: string, entry: Entry, signal: AbortSignal): Promise<void> {
    entry.again = 'no';
    const outcome = await reconcile(appId, signal).catch((error: unknown): Outcome => {
      if (!signal.aborted) log.error('app not reconciled', { appId, error });
      return { is: 'failed', code: 'failed' };
    });
    delete entry.running;
    const { again } = entries.get(appId) ?? entry;
    // A pass that fails has caused events itself: they are no reason to try again at once.
    if (again === 'asked') return run(appId, entry);
    if (outcome.is === 'failed') return retryLater(appId, entry, outcome.code);
    if (again === 'nudged') return run(appId, entry);
    if (outcome.is === 'gone') entries.delete(appId);
    else if (outcome.lookAgainIn !== undefined) lookAgain(appId, entry, outcome.lookAgainIn);
    if (outcome.is === 'settled') entry.failures = 0;
  }

  function retryLater(appId: string, entry: Entry, code: Reason['code']): void {
    entry.failures += 1;
    lookAgain(appId, entry, retryDelay(code, entry.failures));
  }

  function lookAgain(appId: string, entry: Entry, milliseconds: number): void {
    if (isStopped) return;
    entry.timer = setTimeout(() => run(appId, entry), milliseconds).unref();
  }

  return {
    wake,
    nudge(appId) {
      const entry = entryOf(appId);
      if (entry.failures > 0) return;
      if (entry.again === 'no') entry.again = 'nudged';
      run(appId, entry);
    },
    interrupt(appId) {
      entries.get(appId)?.running?.breakOff.abort();
      wake(appId);
    },
    async stop() {
      isStopped = true;
      const running = [...entries.values()].flatMap((entry) => {
        clearTimeout(entry.timer);
        entry.running?.breakOff.abort();
        return entry.running ? [entry.running.ended] : [];
      });
      const impatient = new Promise((resolve) => setTimeout(resolve, STOP_MS).unref());
      await Promise.race([Promise.allSettled(running), impatient]);
    },
  };
}
