import { Readable } from 'node:stream';
import { createTarDecoder, packTar } from 'modern-tar';
import type { File, Owner } from '../compose/model.ts';

interface Packed extends Omit<File, 'content'> {
  readonly content: string | Uint8Array;
}

/**
 * A plain archive, for an engine to unpack at the root of a container. Times are left at zero, so that
 * the same files are the same bytes.
 */
export async function archiveOf(files: readonly Packed[]): Promise<Buffer> {
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

/** As {@link archiveOf}: one folder, with nothing in it. Where it is there, the engine gives it this owner. */
export async function archiveOfFolder(target: string, { uid, gid, mode }: Owner): Promise<Buffer> {
  const name = `${target.slice(1)}/`;
  const header = { name, type: 'directory' as const, size: 0, mtime: new Date(0), mode, uid, gid };
  return Buffer.from(await packTar([{ header }]));
}

/**
 * What the files of an archive hold, one after the other; never more than a little of it is in memory.
 *
 * @throws {Error} when they do not come in the order of their names, as an engine packs them
 */
export async function* contentIn(archive: Readable): AsyncGenerator<Uint8Array> {
  const bytes = Readable.toWeb(archive) as ReadableStream<Uint8Array>;
  let last = '';
  for await (const { header, body } of bytes.pipeThrough(createTarDecoder())) {
    if (header.name <= last) throw new Error(`${header.name} comes after ${last} in an archive`);
    last = header.name;
    for await (const chunk of body) yield chunk;
  }
}
