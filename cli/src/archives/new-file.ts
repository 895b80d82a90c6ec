import { closeSync, fsyncSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { failure } from '../failure.ts';

/** A file of its owner alone (0600), which was not there before. */
export interface NewFile {
  /** Once, and last. */
  write(bytes: Uint8Array): void;
  /** Removes it, if it was not written. */
  discard(): void;
}

/**
 * Made before there is anything to write, so that nothing is asked for which then has no place.
 *
 * @throws {CLIError} when something of this name is there, or nothing can be
 */
export function makeFile(path: string): NewFile {
  const file = open(path);
  return {
    write(bytes) {
      try {
        writeFileSync(file, bytes);
        fsyncSync(file);
      } catch (cause) {
        throw unwritable(path, cause);
      }
      closeSync(file);
    },
    discard() {
      closeSync(file);
      rmSync(path, { force: true });
    },
  };
}

function open(path: string): number {
  try {
    return openSync(path, 'wx', 0o600);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw unwritable(path, cause);
    throw failure(`${path} is there already: move it away, or name another with --output.`, {
      cause,
    });
  }
}

const unwritable = (path: string, cause: unknown) =>
  failure(
    `${path} cannot be written (${(cause as NodeJS.ErrnoException).code}): name another place with --output.`,
    { cause },
  );
