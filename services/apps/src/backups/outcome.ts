/** Reads what restic says: what it saved, how far it is, and why it failed. Pure. */
import type { Reason } from '@cep/contracts/apps';
import type { Ended } from '../engine/run-helper.ts';

export interface Saved {
  readonly snapshot: string;
  readonly sizeBytes: number;
  readonly addedBytes: number;
}

/** One of the lines that `restic backup --json` prints. */
interface Line {
  readonly message_type?: string;
  readonly percent_done?: number;
  readonly snapshot_id?: string;
  readonly total_bytes_processed?: number;
  readonly data_added?: number;
  readonly item?: string;
  readonly error?: { readonly message?: string };
}

function parse(line: string): Line | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Line;
  } catch {
    return undefined;
  }
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

/** Whether a repository is there already, which is as good as having made it. */
export const isThere = ({ lines }: Ended): boolean =>
  /config file already exists|already initialized/i.test(lines.join('\n'));

const NO_SPACE = /no space left on device|disk quota exceeded|quotaexceeded|insufficient storage/i;
const WRONG_PASSWORD = /wrong password|no key found/i;
const WRONG_KEYS =
  /access ?denied|invalid ?access ?key|signature ?does ?not ?match|signature we calculated|forbidden/i;
const UNREACHABLE =
  /connection refused|no such host|i\/o timeout|network is unreachable|no route to host|no such bucket|dial tcp/i;
const ABSENT = /is there a repository|unable to open config file|repository does not exist/i;
const READ_ONLY = /read-only file system|permission denied/i;
const DAMAGED =
  /ciphertext verification failed|does not match|errors were found|invalid data returned|is damaged|pack .* (not found|missing)|hash mismatch|unexpected eof/i;

const NEXT = 'See "cep backup list"; then try again.';

/**
 * Whether it is in vain that it goes on. Where a disk is full, restic tries again for a quarter of an hour
 * (`internal/backend/retry`), in which an app may be paused.
 */
export const isInVain = (lines: readonly string[]): boolean =>
  NO_SPACE.test(lines.flatMap(wordsOf).join('\n'));

/** How many of its last lines are told. */
const MOST_WORDS = 10;

/** A line as people read it: what it says of a file that it could not read, and nothing of progress. */
function wordsOf(line: string): string[] {
  if (!line.startsWith('{')) return line.trim() === '' ? [] : [line];
  const { message_type: type, item = '', error } = parse(line) ?? {};
  return type === 'error' ? [`${item}: ${error?.message ?? 'not read'}`] : [];
}

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
  const said = lines.flatMap(wordsOf).slice(-MOST_WORDS);
  const all = said.join('\n');
  const words = said.length > 0 ? `\n${all}` : '';
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
  if (NO_SPACE.test(all) && writes === 'volumes') {
    const next = 'Free some space on the disk of Docker; then restore again.';
    return reason('no-space', 'There is no space left where Docker keeps volumes.', next);
  }
  if (NO_SPACE.test(all)) {
    const next = `Free some space there, e.g. with "cep backup delete"; then try again.`;
    return reason('no-space', `The target "${target}" has no space left.`, next);
  }
  if (WRONG_PASSWORD.test(all)) {
    const next = `Another cep, or a person, made this repository. Take another target.`;
    return reason('wrong-password', `The password of "${target}" does not open it.`, next);
  }
  if (UNREACHABLE.test(all) || WRONG_KEYS.test(all) || READ_ONLY.test(all)) {
    const next = `See that it is there, and that its keys are right: "cep backup target list".`;
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
