/** What restic is asked for at each step of a job. Pure. */
import { DUMPS, VOLUMES } from '../engine/helper-payload.ts';
import { type Contents, copiedOf } from './contents.ts';
import type { JobRow, JobStep } from './job-store.ts';
import type { BackupRow } from './store.ts';

/** What goes into a backup beside volumes, in the container that makes it. */
export const DATA = '/data';
export const DOCUMENT = `${DATA}/app.json`;

/** Where it runs is no place to keep a cache, and its own name is no host's. */
const COMMON = ['--no-cache'];

export interface Given {
  readonly job: Pick<JobRow, 'is_full' | 'backups'>;
  readonly backup: Pick<BackupRow, 'id' | 'snapshot' | 'contents'>;
  /** Patterns of what is left out. */
  readonly excludes: readonly string[];
  /** Of the backups that are to be deleted. */
  readonly snapshots: readonly string[];
}

export type Asking = Exclude<JobStep, 'load' | 'turn' | 'end'>;

export function commandFor(step: Asking, { job, backup, excludes, snapshots }: Given): string[] {
  switch (step) {
    case 'init':
      return ['init', ...COMMON];
    case 'save': {
      const left = excludes.map((pattern) => `--exclude=${pattern}`);
      return ['backup', ...COMMON, '--json', '--host=cep', `--tag=${backup.id}`, ...left, DATA];
    }
    case 'fill':
      return [
        ...['restore', backup.snapshot ?? '', ...COMMON, '--target=/'],
        ...copiedOf(backup.contents).map((volume) => `--include=${VOLUMES}/${volume}`),
        ...(backup.contents.dumps ?? []).map(({ service }) => `--include=${DUMPS}/${service}`),
        '--verify',
      ];
    // An app has a repository of its own and one job at a time: whoever locked it is no more.
    case 'unlock':
      return ['unlock', ...COMMON, '--remove-all'];
    // Also those of which nothing was heard, and that were made again.
    case 'seek':
      return ['snapshots', ...COMMON, '--compact', ...job.backups.map((id) => `--tag=${id}`)];
    case 'delete':
      return ['forget', ...COMMON, '--prune', ...snapshots];
    case 'check':
      return ['check', ...COMMON, ...(job.is_full ? ['--read-data'] : [])];
  }
}

/** In words, for people who wait. */
export const WORDS: Readonly<Record<Asking, string>> = {
  init: 'making the repository',
  save: 'saving',
  fill: 'restoring the data',
  unlock: 'preparing the repository',
  seek: 'looking for what is to be deleted',
  delete: 'deleting backups',
  check: 'checking the repository',
};

/** What comes after a step that went well. */
export function nextOf(
  { kind, step }: Pick<JobRow, 'kind' | 'step'>,
  { dumps = [] }: Pick<Contents, 'dumps'>,
): JobStep {
  if (step === 'init') return 'save';
  if (step === 'fill') return dumps.length > 0 ? 'load' : 'turn';
  if (step === 'unlock') return kind === 'delete' ? 'seek' : 'check';
  if (step === 'seek') return 'delete';
  return 'end';
}
