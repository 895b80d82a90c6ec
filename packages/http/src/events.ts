/**
 * Server-sent events (WHATWG HTML, section 9.2), both ends: each event's data is one JSON value; an
 * event named `problem` ends a stream that failed, an event named `end` one that is complete, so
 * that a lost connection is never mistaken for the end.
 */
import { Problem, type ProblemDocument } from '@cep/contracts/problems';
import type { Response } from 'express';

/** Proxies and NATs forget a connection on which nothing moves. */
const HEARTBEAT_MS = 15_000;

/** An event whose JSON is there already, in pieces; where many streams are sent one, it is kept once. */
export class WrittenJson {
  readonly pieces: readonly (string | Uint8Array)[];

  constructor(pieces: readonly (string | Uint8Array)[]) {
    this.pieces = pieces;
  }
}

/** Sends `events` until they end, fail, or the client goes away; slow clients slow the source. */
export async function sendEvents(res: Response, events: AsyncIterable<unknown>): Promise<void> {
  res.status(200).set({
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
  });
  res.flushHeaders();
  const heartbeat = setInterval(() => res.write(':\n\n'), HEARTBEAT_MS);
  const send = async (name: string, data: unknown) => {
    if (res.destroyed) return;
    const pieces = data instanceof WrittenJson ? data.pieces : [JSON.stringify(data)];
    res.cork();
    for (const piece of [`event: ${name}\ndata: `, ...pieces, '\n\n']) res.write(piece);
    res.uncork();
    if (res.writableNeedDrain) await drained(res);
  };
  const iterator = events[Symbol.asyncIterator]();
  // A call of its own for each: while the next one is waited for, the last one is held by nobody.
  const sendNext = async (): Promise<boolean> => {
    const next = await iterator.next();
    if (next.done || res.destroyed) return false;
    await send('data', next.value);
    return true;
  };
  try {
    let isMore = true;
    while (isMore) isMore = await sendNext();
    await send('end', null);
  } catch (error) {
    await send('problem', Problem.from(error));
    if (!(error instanceof Problem)) throw error;
  } finally {
    clearInterval(heartbeat);
    res.end();
    await iterator.return?.();
  }
}

/** Resolves when `res` takes more, or when nobody listens any longer. */
function drained(res: Response): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      res.off('drain', done).off('close', done);
      resolve();
    };
    res.on('drain', done).on('close', done);
  });
}

/**
 * Reads what {@link sendEvents} wrote.
 *
 * @throws {Problem} what the server sent as `problem`; `unavailable` when the stream breaks off
 */
export async function* readEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  let isComplete = false;
  for await (const { name, data } of parse(unbroken(chunks))) {
    if (name === 'problem') throw Problem.parse(JSON.parse(data) as ProblemDocument);
    // Nothing follows; but only a response that is read to its end leaves its connection to the next.
    if (name === 'end') isComplete = true;
    else yield JSON.parse(data);
  }
  if (!isComplete) throw connectionLost();
}

/** A connection that breaks is a problem, one that the reader ended itself is not. */
export async function* unbroken<Chunk>(chunks: AsyncIterable<Chunk>): AsyncGenerator<Chunk> {
  try {
    yield* chunks;
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') throw error;
    throw connectionLost(error);
  }
}

const connectionLost = (cause?: unknown) =>
  new Problem('unavailable', 'The connection was lost. Run the command again to go on.', { cause });

async function* parse(chunks: AsyncIterable<Uint8Array>) {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of chunks) {
    text += decoder.decode(chunk, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string) =>
        block
          .split('\n')
          .find((line) => line.startsWith(`${name}: `))
          ?.slice(name.length + 2);
      const data = field('data');
      if (data !== undefined) yield { name: field('event') ?? 'data', data };
    }
  }
}
