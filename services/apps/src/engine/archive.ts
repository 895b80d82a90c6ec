import { packTar } from 'modern-tar';
import type { File } from '../compose/model.ts';

/**
 * A plain archive, for an engine to unpack at the root of a container. Times are left at zero, so that
 * the same files are the same bytes.
 */
export async function archiveOf(files: readonly File[]): Promise<Buffer> {
  const entries = files.map(({ target, content, mode, uid, gid }) => ({
    header: {
      name: target.slice(1),
      size: Buffer.byteLength(content),
      mtime: new Date(0),
      mode,
      uid,
      gid,
    },
    body: content,
  }));
  return Buffer.from(await packTar(entries));
}
