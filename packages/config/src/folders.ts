import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder, and those above it that are missing, for their owner alone. Node's own way goes
 * round for ever where nothing can be made, as below `/proc`.
 *
 * @throws {Error} with `code`, of the system's
 */
export function makeFolders(path: string): void {
  if (existsSync(path)) return;
  makeFolders(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Somebody else made it at the same time.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** For people: why a folder of cep's is not there. */
export const unmadeFolder = (path: string, { code }: NodeJS.ErrnoException): string =>
  `${path} cannot be made or written (${code}); set CEP_HOME to a folder of yours.`;
