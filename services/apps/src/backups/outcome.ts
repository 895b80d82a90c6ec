/** Reads what restic says: what it saved, how far it is, and why it failed. Pure. */
import type { Reason } from '@cep/contracts/apps';
import { isFull } from '../engine/failures.ts';
import type { Ended } from '../engine/run-helper.ts';
import {
  ABSENT,
  DAMAGED,
  lastWords,
  NO_BUCKET,
  parse,
  READ_ONLY,
  UNREACHABLE,
  WRONG_KEYS,
  WRONG_PASSWORD,
  wordsOf,
} from './words.ts';

export interface Saved {
  readonly snapshot: string;
  readonly sizeBytes: number;
  readonly addedBytes: number;
}

/** What Docker says of a program that a signal has ended, or that was gone when it came back itself. */
const KILLED = [130, 137, 143, 255];

/** Whether it was ended from outside, and may do better another time. */
export const wasKilled = ({ exitCode, outOfMemory }: Ended): boolean =>
  !outOfMemory && KILLED.includes(exitCode);

/** @returns nothing when it does not say that it has saved */
export function savedOf({ lines }: Ended): Saved | undefined {
  const summary = lines
    .map(parse)
    .findLast((line) => line?.message_type === 'summary' && line.snapshot_id);
  if (!summary?.snapshot_id) return undefined;
  const { total_bytes_processed: size = 0, data_added: added = 0 } = summary;
  return { snapshot: summary.snapshot_id, sizeBytes: size, addedBytes: added };
}

/** @returns from 0 to 100, if the lines tell */
export function percentOf(lines: readonly string[]): number | undefined {
  const done = lines.map(parse).findLast((line) => line?.message_type === 'status')?.percent_done;
  return done === undefined ? undefined : Math.floor(done * 100);
}

/** @returns the snapshots that `restic snapshots --compact` lists, by the beginning of their names */
export const snapshotsIn = ({ lines }: Pick<Ended, 'lines'>): string[] =>
  lines.flatMap((line) => /^([0-9a-f]{8}) +\d{4}-\d\d-\d\d /.exec(line)?.[1] ?? []);

/** Whether a repository is there already, which is as good as having made it. */
export const isThere = ({ lines }: Ended): boolean =>
  /config file already exists|already initialized/i.test(lines.join('\n'));

const NEXT = 'See "cep backup list"; then try again.';

/**
 * Whether it is in vain that it goes on. Where a disk is full, restic tries again for a quarter of an hour
 * (`internal/backend/retry`), in which an app may be paused.
 */
export const isInVain = (lines: readonly string[]): boolean =>
  isFull(lines.flatMap(wordsOf).join('\n'));

/**
 * Why restic failed, in a few of its last words.
 *
 * @param writes  where it writes what it is asked for: to its target, or to the volumes of an app
 */
export function failureOf(
  ended: Ended,
  target: string,
  writes: 'target' | 'volumes' = 'target',
): Reason {
  const { exitCode, outOfMemory, lines } = ended;
  const all = lastWords(lines);
  const words = all && `\n${all}`;
  const reason = (code: Reason['code'], message: string, next: string): Reason => ({
    code,
    message: `${message}${words}`,
    next,
  });
  if (outOfMemory) {
    return reason(
      'out-of-memory',
      'restic ran out of memory.',
      'The repository is too large for 2 GB of memory.',
    );
  }
  if (isFull(all) && writes === 'volumes') {
    const next = 'Free some space on the disk of Docker; then restore again.';
    return reason('no-space', 'There is no space left where Docker keeps volumes.', next);
  }
  if (isFull(all)) {
    const next = `Free some space there, e.g. with "cep backup delete"; then try again.`;
    return reason('no-space', `The target "${target}" has no space left.`, next);
  }
  if (WRONG_PASSWORD.test(all)) {
    const next = `Another cep, or a person, made this repository. Take another target.`;
    return reason('wrong-password', `The password of "${target}" does not open it.`, next);
  }
  if ([UNREACHABLE, NO_BUCKET, WRONG_KEYS, READ_ONLY].some((each) => each.test(all))) {
    const next = `An administrator sees what is wrong there: cep backup target check ${target}`;
    return reason('target-unreachable', `The target "${target}" cannot be used.`, next);
  }
  if (ABSENT.test(all)) {
    const next = `See that its folder or bucket is what it was: "cep backup target list".`;
    return reason('target-unreachable', `"${target}" has no such repository any more.`, next);
  }
  if (DAMAGED.test(all)) {
    const next = `Make a new backup to another target, and see the disk of this one.`;
    return reason('backup-damaged', `What "${target}" has is damaged.`, next);
  }
  if (wasKilled(ended)) {
    const next = 'See with "cep doctor" that Docker stays up where the app is; then try again.';
    return reason('backup-failed', 'restic was killed again and again.', next);
  }
  if (exitCode === 3) {
    return reason('backup-failed', 'Some files could not be read.', 'Try again with --mode stop.');
  }
  return reason('backup-failed', `restic ended with code ${exitCode}.`, NEXT);
}
