/** Tells the front of an app which containers answer from now on, and waits until the others are done. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { updateFront } from '../apps/store.ts';
import type { Engine } from '../engine/engine.ts';
import { current, type Observed, type ObservedContainer } from '../reconciler/state.ts';
import type { Work } from '../reconciler/work.ts';
import { DEFAULT_DRAIN_MS, FRONT, frontFile } from './front.ts';

interface Deps {
  readonly db: Pool;
  readonly engine: Engine;
}

const LOOK_MS = 50;
/** A signal that came before the proxy was ready for it is sent again. */
const AGAIN_MS = 2_000;
/** Beyond the time that connections have to end. */
const PATIENCE_MS = 10_000;

/** The file for the front of an app as the engine has it now; nothing for an app without. */
export function fileNow({ desired, document }: Work, observed: Observed) {
  const { rendered } = document ?? {};
  if (!rendered?.front) return undefined;
  const containers = desired.containers.map(
    (each) => [each.service, current(each, observed)?.name ?? each.name] as const,
  );
  return frontFile(rendered, new Map(containers));
}

/**
 * Nothing happens when the front has been told so already. Else it has taken over when this returns:
 * new connections go to the new containers, and those to the old ones have ended, or had their time.
 * What it was told is forgotten before it is told otherwise, so that a crash only leads here again.
 *
 * @throws {Error} when the front does not take over; it then does what it did before
 */
export async function pointFront(
  { db, engine }: Deps,
  work: Work,
  { observed, signal }: { readonly observed: Observed; readonly signal: AbortSignal },
): Promise<void> {
  const { app, desired, document } = work;
  const file = fileNow(work, observed);
  const wanted = desired.containers.find(({ service }) => service === FRONT);
  const front = wanted && current(wanted, observed);
  if (!app || !file || !front) return;
  const mark = markOf(front, file.content);
  if (app.front === mark) return;
  await updateFront(db, app.id, null);
  const drain = document?.rendered.front?.drain ?? DEFAULT_DRAIN_MS;
  await turn(engine, { front: front.id, file, until: Date.now() + drain + PATIENCE_MS }, signal);
  await updateFront(db, app.id, mark);
}

/** Of what a container was told since it was started: at its start it is told anew. */
const markOf = ({ id, startedAt }: ObservedContainer, content: string): string =>
  createHash('sha256').update(`${id} ${startedAt} ${content}`).digest('hex');

interface Turn {
  readonly front: string;
  readonly file: ReturnType<typeof frontFile>;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** The proxy's first process starts another for the new settings, and the one before ends in its time. */
async function turn(engine: Engine, { front, file, until }: Turn, signal: AbortSignal) {
  const before = new Set(await engine.processes(front));
  await engine.writeFiles(front, [file]);
  let told = 0;
  while (Date.now() < until) {
    signal.throwIfAborted();
    if (told === 0 || (Date.now() - told > AGAIN_MS && !(await hasNew(engine, front, before)))) {
      await engine.signal(front, 'SIGUSR2');
      told = Date.now();
    }
    const now = await engine.processes(front);
    if (now.some((each) => !before.has(each)) && now.length === 2) return;
    await sleep(LOOK_MS, undefined, { signal });
  }
  throw new Error('The front of the app did not take over.');
}

const hasNew = async (engine: Engine, front: string, before: ReadonlySet<string>) =>
  (await engine.processes(front)).some((each) => !before.has(each));
