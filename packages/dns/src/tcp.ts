import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { Logger } from '@cep/logging/logger';
import type { Reply } from './respond.ts';

/** Connections at one address. A new one beyond them ends the one that was idle for longest. */
const MOST_CONNECTIONS = 128;

/** A connection ends when for so long, in ms, it has asked no whole question and taken no answer. */
const PATIENCE = 5_000;

/** No question is longer, whatever its options; in bytes. */
const LONGEST_QUERY = 4_096;

/** Answers on connections (RFC 7766). @throws what `listen` fails with, e.g. `EADDRINUSE` */
export async function listenTcp(
  reply: Reply,
  { host, port }: { host: string; port: number },
  log: Logger,
): Promise<{ stop(): Promise<void> }> {
  const connections = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const [idlest] = connections;
    if (connections.size >= MOST_CONNECTIONS) idlest?.destroy();
    void converse(reply, socket, connections);
  });
  server.listen({ port, host, ipv6Only: true });
  await once(server, 'listening');
  server.on('error', (error) => log.warn('answering DNS by TCP failed', { host, error }));
  return {
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of connections) socket.destroy();
      }),
  };
}

/** @param connections  all that are open, the idlest first */
async function converse(reply: Reply, socket: Socket, connections: Set<Socket>): Promise<void> {
  const deadline = setTimeout(() => socket.destroy(), PATIENCE);
  const isAwake = () => {
    deadline.refresh();
    connections.delete(socket);
    connections.add(socket);
  };
  isAwake();
  try {
    // A pipeline asks for the next answer when the client has taken the last.
    await pipeline(socket, (chunks) => answers(reply, chunks, isAwake), socket);
  } catch {
    // The client is gone, or was sent away.
  } finally {
    clearTimeout(deadline);
    connections.delete(socket);
    socket.destroy();
  }
}

/** Answers to what is asked, each with its length before it, until something is not a question. */
async function* answers(
  reply: Reply,
  chunks: AsyncIterable<Buffer>,
  isAwake: () => void,
): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 2) {
      const end = 2 + rest.readUInt16BE(0);
      if (end > LONGEST_QUERY) return;
      if (rest.length < end) break;
      const answer = await reply(rest.subarray(2, end), 'tcp');
      if (!answer) return;
      isAwake();
      rest = rest.subarray(end);
      yield Buffer.concat([Buffer.of(answer.length >> 8, answer.length & 0xff), answer]);
    }
  }
}
