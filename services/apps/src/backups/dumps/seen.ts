/** Watches a dump pass by without keeping it, and cuts it into pieces. Pure. */
import { EDGE, type Seen } from './kind.ts';

/**
 * How much of a dump is in memory at once, bytes: each piece becomes a file of its own. Docker waits two
 * seconds for whoever reads the last of what a program printed: a piece is written within that.
 */
export const PIECE = 4 * 2 ** 20;

export function watchBytes() {
  let bytes = 0;
  let head: Buffer = Buffer.alloc(0);
  let tail: Buffer = Buffer.alloc(0);
  const add = (chunk: Uint8Array) => {
    bytes += chunk.length;
    if (head.length < EDGE) head = Buffer.concat([head, chunk]).subarray(0, EDGE);
    tail = Buffer.from(Buffer.concat([tail, chunk.subarray(-EDGE)]).subarray(-EDGE));
  };
  return {
    /** The same bytes. */
    async *by(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunks) {
        add(chunk);
        yield chunk;
      }
    },
    seen: (): Seen => ({ bytes, head, tail }),
  };
}

/** The same bytes in pieces of at least `size`, but for the last. */
export async function* piecesOf(
  chunks: AsyncIterable<Uint8Array>,
  size = PIECE,
): AsyncGenerator<Buffer> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    length += chunk.length;
    if (length < size) continue;
    yield Buffer.concat(parts);
    parts = [];
    length = 0;
  }
  if (length > 0) yield Buffer.concat(parts);
}

/** The same bytes without the last `size`. */
export async function* withoutLast(
  chunks: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array> {
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const all = Buffer.concat([held, chunk]);
    const end = Math.max(0, all.length - size);
    if (end > 0) yield all.subarray(0, end);
    held = all.subarray(end);
  }
}

/** Left free on the disk of the engine by a dump, bytes. */
const RESERVE = 512 * 2 ** 20;

/**
 * @param text  what `df -Pk` prints of one file system
 * @returns how many bytes a dump may take; nothing when it does not tell
 */
export function roomIn(text: string): number | undefined {
  const free = Number(/(\d+) +\d+% \//.exec(text.split('\n')[1] ?? '')?.[1] ?? Number.NaN);
  return Number.isFinite(free) ? Math.max(0, free * 1024 - RESERVE) : undefined;
}
