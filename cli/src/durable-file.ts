import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { makeFolders, unmadeFolder } from '@cep/config/folders';
import { failure } from './failure.ts';

/** Text that is on the disk already, and needs no more room to take the place of what is there. */
export interface StagedFile {
  commit(): void;
  discard(): void;
}

/**
 * Writes a private file (0600) so that it holds all of the old text or all of the new, also when
 * the power fails, and so that the new text survives once this returns. Missing folders are made
 * for the owner alone.
 */
export const writeDurably = (path: string, text: string): void => stage(path, text).commit();

/** Whose a file is, and who may read it. */
interface Ownership {
  readonly mode: number;
  readonly uid?: number;
  readonly gid?: number;
}

/** The same in two steps, for a file that may be less private. */
export function stage(
  path: string,
  text: string | Buffer,
  { mode, uid, gid }: Ownership = { mode: 0o600 },
): StagedFile {
  const folder = dirname(path);
  prepare(folder);
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    syncing(openSync(draft, 'wx', 0o600), (file) => {
      if (uid !== undefined && gid !== undefined) fchownSync(file, uid, gid);
      fchmodSync(file, mode);
      writeFileSync(file, text);
    });
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
  return {
    commit() {
      renameSync(draft, path);
      syncing(openSync(folder, 'r'), () => {});
    },
    discard: () => rmSync(draft, { force: true }),
  };
}

function prepare(folder: string): void {
  try {
    makeFolders(folder);
  } catch (cause) {
    throw failure(unmadeFolder(folder, cause as NodeJS.ErrnoException), { cause });
  }
}

function syncing(file: number, work: (file: number) => void): void {
  try {
    work(file);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

export const isDiskFull = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '');
