/**
 * Dumps the databases of an app while they run, into the container that is about to make the backup: it
 * starts only when each dump is whole, and goes with whatever is in it when one is not.
 */
import { Failure } from '../../engine/failures.ts';
import { DUMPS } from '../../engine/helper-payload.ts';
import type { Deps, Task } from '../task.ts';
import type { Kind } from './kind.ts';
import { KINDS } from './kinds.ts';
import type { Dump } from './read.ts';
import { failed, type Inside, runScript } from './run-script.ts';
import { piecesOf, roomIn, watchBytes, withoutLast } from './seen.ts';
import { wordsFor } from './words.ts';

export interface Taking {
  /** The container that they are written into, which has not started. */
  readonly helper: string;
  readonly dumps: readonly Dump[];
  readonly signal: AbortSignal;
}

/** @throws {Failure} when one of them is not whole */
export async function takeDumps(deps: Deps, task: Task, { dumps, ...how }: Taking): Promise<void> {
  for (const dump of dumps) await takeDump(deps, task, { dump, ...how });
}

type One = Omit<Taking, 'dumps'> & { readonly dump: Dump };

const OTHERWISE = 'Try again, or back up with --mode stop or --mode pause, which copy its files.';

async function takeDump(deps: Deps, task: Task, { dump, helper, signal }: One): Promise<void> {
  const { engine, progress } = deps;
  const { service, kind } = dump;
  const { dump: text, isWhole, trailer = '' }: Kind = KINDS[kind];
  const inside = { appId: task.job.app_id, id: containerOf(task, service) };
  const words = `dumping ${service} (${kind})`;
  progress.step(task.job.app_id, words);
  const room = await roomFor(deps, inside, signal);
  const watch = watchBytes();
  const { secrets } = task.work;
  const given = wordsFor(deps, task, { dump, to: 'dump' });
  const script = { text, words: given, input: false, secrets };
  const run = await runScript(engine, inside, script, signal);
  const trouble = (how: string) =>
    failed({
      code: 'dump-failed',
      sentence: `The dump of ${service} (${kind}) ${how}.`,
      words: run.words(),
      next: OTHERWISE,
    });
  try {
    let number = 0;
    for await (const piece of piecesOf(withoutLast(watch.by(run.output()), trailer.length))) {
      const { bytes } = watch.seen();
      if (bytes > room) throw full(service, room);
      await engine.writePiece(helper, `${DUMPS}/${service}/${pieceName(number)}`, piece);
      run.touch();
      number += 1;
      progress.step(task.job.app_id, `${words}: ${Math.ceil(bytes / 2 ** 20)} MiB`);
    }
    signal.throwIfAborted();
    const exitCode = await run.exitCode();
    if (exitCode !== 0) throw trouble(`ended with code ${exitCode}`);
    if (!isWhole(watch.seen())) throw trouble('broke off');
  } finally {
    run.end();
  }
}

/** In the order of names they are in that of the dump. */
const pieceName = (number: number): string => String(number).padStart(8, '0');

function containerOf({ containers }: Task, service: string): string {
  const running = containers
    .filter((each) => each.service === service && each.state === 'running')
    .toSorted((a, b) => b.startedAt - a.startedAt)[0];
  if (running) return running.id;
  throw new Failure({
    code: 'dump-failed',
    message: `${service} does not run, and cannot be dumped.`,
    next: 'See "cep apps show"; or back up with --mode stop.',
  });
}

/** An answer is short; what is longer is none. */
const LONGEST_ANSWER = 65_536;

/** @returns bytes that may be written to the disk of the engine, which is that of its containers */
async function roomFor({ engine }: Deps, inside: Inside, signal: AbortSignal): Promise<number> {
  const ask = { text: 'df -Pk /', words: [], input: false, secrets: [] };
  const run = await runScript(engine, inside, ask, signal);
  try {
    let text = '';
    for await (const bytes of run.output()) {
      text += Buffer.from(bytes).toString();
      if (text.length > LONGEST_ANSWER) break;
    }
    return roomIn(text) ?? Number.POSITIVE_INFINITY;
  } finally {
    run.end();
  }
}

function full(service: string, room: number): Failure {
  return new Failure({
    code: 'no-space',
    message: `The dump of ${service} takes more than the ${Math.floor(room / 2 ** 20)} MiB that may be used where Docker keeps containers.`,
    next: 'Free some space there, or back up with --mode stop, which needs none; then try again.',
  });
}
