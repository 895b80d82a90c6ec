/** Has something done in the folder of a pool, on the machine of its engine. */
import { createHash, randomUUID } from 'node:crypto';
import { Problem } from '@cep/contracts/problems';
import type { Engine } from '../engine/engine.ts';
import { Failure, isFull, isNoFolder, unavailable } from '../engine/failures.ts';
import { poolHelperName } from '../engine/names.ts';
import { type PoolWork, poolPayload } from '../engine/pool-payload.ts';
import { ENDS } from '../engine/pool-scripts.ts';
import { Late, runAlone } from '../engine/run-alone.ts';
import type { Ended } from '../engine/run-helper.ts';

export interface Deps {
  readonly engine: Engine;
  /** The id of this installation. */
  readonly instance: string;
  /** An image with a shell, the one that backups are made with. */
  readonly backupImage: string;
}

/** More than there are volumes in a pool. */
const ALL_LINES = 100_000;

/** So many of them are told where it fails. */
const LAST_WORDS = 5;

/** A disk may not answer; what was asked of it goes on, and nobody waits. Milliseconds. */
const PATIENCE_MS = 60_000;

/**
 * Does it once more if a process was killed while it was done. About one volume, and of a kind about one
 * pool, one thing at a time: what was begun before is over then.
 *
 * @returns what was printed
 * @throws {Failure} `pool-unusable` when the folder is not there, or not the pool's
 */
export async function workIn(
  { engine, instance, backupImage: image }: Deps,
  work: PoolWork,
  patience = PATIENCE_MS,
): Promise<readonly string[]> {
  const name = poolHelperName(subjectOf(work));
  const folder = 'path' in work ? work.path : undefined;
  const create = () => {
    const payload = poolPayload({ instance, image, work });
    return engine.createPoolHelper(name, payload, { instance, image, folder });
  };
  try {
    const helper = { kind: 'pool' as const, name, image, create, tail: ALL_LINES };
    const ended = await runAlone(engine, { ...helper, patience, endsLate: work.do === 'measure' });
    return linesOf(ended, folder);
  } catch (error) {
    if (error instanceof Late) throw unusable(folder, 'does not answer');
    if (isNoFolder(error)) throw unusable(folder, 'is not there');
    throw error;
  }
}

/** What one thing at a time is done about; to look and to measure disturbs nobody. */
function subjectOf(work: PoolWork): string {
  if ('volume' in work) return work.volume;
  if (!('path' in work) || work.do === 'measure') return `${work.do}-${randomUUID()}`;
  // Paths have more in them than names may.
  return `${work.do}-${createHash('sha256').update(work.path).digest('hex').slice(0, 16)}`;
}

function linesOf({ exitCode, lines }: Ended, folder: string | undefined): readonly string[] {
  if (exitCode === 0) return lines;
  if (exitCode === ENDS.notOurs) throw unusable(folder, "is not the pool's now");
  if (exitCode === ENDS.otherThings) throw unusable(folder, 'has other things in it');
  const said = lines.slice(-LAST_WORDS).join('\n');
  if (isFull(said)) throw unusable(folder, 'is full', said);
  if (/read-only file system|input\/output error/i.test(said)) {
    throw unusable(folder, 'cannot be written', said);
  }
  throw new Error(said || `the work in ${folder} ended with code ${exitCode}`);
}

const NEXT = {
  'does not answer': 'Look at its disk.',
  'is not there': 'Mount its disk; then try again.',
  "is not the pool's now": 'Mount its disk; then try again.',
  'is full': 'Free some space on its disk; then try again.',
  'cannot be written': 'Look at its disk, and how it is mounted.',
  'has other things in it': 'Take an empty or a new one, such as a folder in it.',
} as const;

const unusable = (folder = 'of Docker', why: keyof typeof NEXT, said = ''): Failure =>
  new Failure({
    code: 'pool-unusable',
    message: `The folder ${folder} ${why}.${said && ` It says: ${said}`}`,
    next: NEXT[why],
  });

/** For `catch` in requests: what is wrong with a folder is the caller's to cure. */
export function told(error: unknown): never {
  if (!(error instanceof Failure)) return unavailable(error);
  const { message, next } = error.reason;
  throw new Problem('pool-unusable', `${message} ${next}`, { cause: error });
}

/** For `catch`: what to go on with where the folder of a pool cannot be used now. */
export const whenUnusable =
  <T>(instead: T) =>
  (error: unknown): T => {
    if (error instanceof Failure && error.reason.code === 'pool-unusable') return instead;
    throw error;
  };
