/** Runs a container of cep's own that is of no app, while somebody waits for it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { inTime } from '../engines/in-time.ts';
import type { Engine } from './engine.ts';
import { Failure, reasonOf } from './failures.ts';
import type { LoneKind } from './lone-payload.ts';
import { type Ended, type Helper, runHelper } from './run-helper.ts';

/** How often it is looked how far it is, milliseconds. */
const LOOK_MS = 50;

/** It has not ended, or the engine has not even answered, in the time that there was. */
export class Late extends Error {
  override readonly name = 'Late';
}

interface Alone extends Helper {
  readonly kind: LoneKind;
  /** For how long somebody waits, milliseconds; an image that has to be pulled takes its own time before. */
  readonly patience: number;
  /** Whether what is late is ended; what changes something may have to go on to its end. */
  readonly endsLate: boolean;
}

/**
 * Does it once more if a process was killed while it was done: what is left under its name is waited for,
 * if it still works, and removed; so is its own container at the end.
 *
 * @throws {Late} when it takes longer than there is patience for
 * @throws {Failure} when its image cannot be pulled
 */
export async function runAlone(engine: Engine, helper: Alone): Promise<Ended> {
  await haveImage(engine, helper.image);
  const late = new AbortController();
  const work = async () => {
    await makeWay(engine, helper, late.signal);
    return toItsEnd(engine, helper, late.signal);
  };
  try {
    return await inTime(work(), helper.patience, () => new Late(`${helper.name} takes too long`));
  } catch (error) {
    late.abort();
    // Nobody is to be able to have many of them run.
    if (error instanceof Late && helper.endsLate) endEarly(engine, helper).catch(() => {});
    throw error;
  }
}

async function haveImage(engine: Engine, image: string): Promise<void> {
  if (await engine.hasImage(image)) return;
  await engine
    .pull(image, () => {}, new AbortController().signal)
    .catch((error: unknown) => {
      throw new Failure(reasonOf(error, { do: 'pull', image }));
    });
}

const ownOf = async (engine: Engine, { kind, name }: Pick<Alone, 'kind' | 'name'>) =>
  (await engine.loneHelpers(kind)).find((each) => each.name === name);

async function makeWay(engine: Engine, helper: Alone, late: AbortSignal): Promise<void> {
  for (;;) {
    const left = await ownOf(engine, helper);
    if (!left) return;
    if (left.state === 'running') await sleep(LOOK_MS, undefined, { signal: late });
    else await engine.remove(left.id, { volumes: true });
    late.throwIfAborted();
  }
}

async function toItsEnd(engine: Engine, helper: Alone, late: AbortSignal): Promise<Ended> {
  const pull = (image: string) => haveImage(engine, image);
  for (;;) {
    const all = await engine.loneHelpers(helper.kind);
    late.throwIfAborted();
    const helped = await runHelper({ engine, pull }, helper, all);
    if (helped.is === 'ended') {
      const own = all.find(({ name }) => name === helper.name);
      if (own) await engine.remove(own.id, { volumes: true });
      return helped.ended;
    }
    if (helped.is === 'running') await sleep(LOOK_MS, undefined, { signal: late });
  }
}

async function endEarly(engine: Engine, helper: Alone): Promise<void> {
  const own = await ownOf(engine, helper);
  if (!own) return;
  // A shell that waits for another program does not hear that it is to stop.
  await engine.signal(own.id, 'KILL').catch(() => {});
  await engine.remove(own.id, { volumes: true });
}
