import { pack } from 'tar-stream';
import type { File } from '../compose/model.ts';

/**
 * A plain archive, for an engine to unpack at the root of a container. Times are left at zero, so that
 * the same files are the same bytes.
 */
export async function archiveOf(files: readonly File[]): Promise<Buffer> {
  const archive = pack();
  for (const { target, content, mode, uid, gid } of files) {
    archive.entry({ name: target.slice(1), mode, uid, gid, mtime: new Date(0) }, content);
  }
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
