/** What came of trying a place for backups, and what is to be done about it. Pure. */
import { isFull } from '../engine/failures.ts';
import type { Ended } from '../engine/run-helper.ts';
import { ENDS, type Place } from '../engine/target-payload.ts';
import { LOCAL } from '../engines/local.ts';
import { lastWords, NO_BUCKET, READ_ONLY, UNREACHABLE, WRONG_KEYS } from './words.ts';

export interface Tried {
  /** Of a folder, what its file system has; nobody knows that of a bucket. */
  readonly freeBytes: number | null;
}

/** How it ended, if it did, or was there to try at all. */
export type Result = Ended | 'late' | 'no folder';

/** @param result  of a trial that {@link flawOf} finds nothing in */
export function triedOf(result: Result): Tried {
  if (typeof result === 'string') return { freeBytes: null };
  const kib = /(\d+) +\d+% \//.exec(result.lines.at(-1) ?? '')?.[1];
  return { freeBytes: kib === undefined ? null : Number(kib) * 1024 };
}

/**
 * @param on  the engine's name
 * @returns what is wrong and what to do, as sentences; nothing when the place can be used
 */
export function flawOf(result: Result, { kind, at }: Place, on: string): string | undefined {
  const machine = on === LOCAL ? 'the machine that runs the apps' : `the machine of "${on}"`;
  if (result === 'late') return `${at} did not answer ${machine} in time. ${LATER[kind]}`;
  if (result === 'no folder') return noFolder(at, machine);
  const { exitCode, lines, outOfMemory } = result;
  if (exitCode === 0 && !outOfMemory) return undefined;
  if (kind === 'folder' && exitCode === ENDS.noFolder) return noFolder(at, machine);
  const said = lastWords(lines);
  const told = (sentence: string, next: string) => `${sentence} ${next}${said && `\n${said}`}`;
  if (isFull(said)) return told(`${at} has no space left.`, 'Free some there, or take another.');
  if (kind === 'folder' && (READ_ONLY.test(said) || /not permitted/.test(said))) {
    return told(`${at} cannot be written on ${machine}.`, 'See how it is mounted, and by whom.');
  }
  if (exitCode === ENDS.noBucket || NO_BUCKET.test(said)) {
    return told(`There is no such bucket: ${at}.`, 'Make it first, or correct its name.');
  }
  if (WRONG_KEYS.test(said)) {
    const next = 'See its id and its secret, and that it may list, read, write and delete there.';
    return told(`The key is refused at ${at}.`, next);
  }
  if (UNREACHABLE.test(said)) {
    return told(`The host of ${at} is not reached from ${machine}.`, LATER[kind]);
  }
  return told(`${at} could not be tried: that ended with code ${exitCode}.`, LATER[kind]);
}

const LATER = {
  folder: 'See its disk; or add it untried, with --no-check.',
  s3: 'See the address and the network; or add it untried, with --no-check.',
} as const;

const noFolder = (at: string, machine: string): string =>
  `There is no folder ${at} on ${machine}. Make it there, e.g. "mkdir -p ${at}", or mount its disk; or add it untried, with --no-check.`;
