import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Passes connections on until it is frozen: from then on it takes them, and nothing comes of it. */
export async function startProxy(host: string, port: number) {
  let isFrozen = false;
  const sockets = new Set<Socket>();
  const server = createServer((from) => {
    const to = connect(port, host);
    for (const socket of [from, to]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket)).on('error', () => {});
    }
    const pass = (source: Socket, target: Socket) =>
      source.on('data', (bytes) => isFrozen || target.write(bytes)).once('end', () => target.end());
    pass(from, to);
    pass(to, from);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    freeze() {
      isFrozen = true;
    },
    /** What hung until now stays cut. */
    thaw() {
      isFrozen = false;
      for (const socket of sockets) socket.destroy();
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
