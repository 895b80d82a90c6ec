import { createReadStream } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { failure } from '../failure.ts';
import { type Claimed, fromTexts } from './contents.ts';
import { LARGEST_BYTES, unpackTexts } from './tar.ts';

/** @throws {CLIError} for a file that cannot be read, or is no archive of ours; nothing is written */
export async function openArchive(path: string): Promise<Claimed> {
  // One byte more than there may be, also of what never ends.
  const packed = await buffer(createReadStream(path, { end: LARGEST_BYTES })).catch(
    (cause: NodeJS.ErrnoException) => {
      throw failure(`${path} cannot be read (${cause.code}).`, { cause });
    },
  );
  return fromTexts(await unpackTexts(packed));
}
