import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import type { Logger } from '@cep/logging/logger';
import type { Reply } from './respond.ts';

/** Room for a burst of questions, as far as the system allows; each takes about 800 bytes there. */
const RECEIVE_BUFFER = 1_048_576;

/** Answers datagrams. @throws what `bind` fails with, e.g. `EADDRINUSE` */
export async function listenUdp(
  reply: Reply,
  { host, port }: { host: string; port: number },
  log: Logger,
): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const family = isIPv6(host) ? 6 : 4;
  const socket = createSocket({
    type: family === 6 ? 'udp6' : 'udp4',
    ipv6Only: family === 6,
    recvBufferSize: RECEIVE_BUFFER,
    // Destinations are addresses: Node's own look-up would put each off to the next tick.
    lookup: (address, _options, done) => done(null, address, family),
  });
  let isClosed = false;
  let answers: { answer: Buffer; port: number; address: string }[] = [];
  const flush = () => {
    const ready = answers;
    answers = [];
    if (isClosed) return;
    // Without a callback a failure to send is the client's to notice, who asks again.
    for (const { answer, port: to, address } of ready) socket.send(answer, to, address);
  };
  const put = (answer: Buffer | undefined, to: number, address: string) => {
    // What arrived together is answered together, which is a tenth less work than one by one.
    if (answer && answers.push({ answer, port: to, address }) === 1) setImmediate(flush);
  };
  socket.on('message', (message, { address, port: from }) => {
    // Nobody has port 0, but a forger can claim it, and Node would throw.
    const answer = from > 0 ? reply(message, 'udp') : undefined;
    if (answer instanceof Promise) void answer.then((late) => put(late, from, address));
    else put(answer, from, address);
  });
  const listening = once(socket, 'listening');
  socket.bind(port, host);
  await listening;
  socket.on('error', (error) => log.warn('answering DNS by UDP failed', { host, error }));
  return {
    port: socket.address().port,
    stop() {
      flush();
      isClosed = true;
      return new Promise((resolve) => void socket.close(resolve));
    },
  };
}
