import { appendFileSync, renameSync, statSync } from 'node:fs';
import { isDiskFull } from '../durable-file.ts';

/** A file and the one before it: so much is kept at most. */
const LIMIT_BYTES = 1_000_000;

/**
 * Writes lines, with the time, to a file for its owner alone; a full one becomes `PATH.1`. What a
 * full disk does not take is lost.
 */
export function logFile(path: string, limitBytes = LIMIT_BYTES): (line: string) => void {
  let size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  return (line) => {
    const entry = `${new Date().toISOString()} ${line}\n`;
    try {
      if (size > 0 && size + Buffer.byteLength(entry) > limitBytes) {
        renameSync(path, `${path}.1`);
        size = 0;
      }
      appendFileSync(path, entry, { mode: 0o600 });
      size += Buffer.byteLength(entry);
    } catch (error) {
      if (!isDiskFull(error)) throw error;
    }
  };
}
