/** What this process sees of the machine that an engine is on, where it is on that machine itself. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Binding } from '../engine/payload.ts';

type Place = Pick<Binding, 'address' | 'port' | 'protocol'>;

export interface Sight {
  /** Whether somebody listens there; false also where that cannot be told. */
  isTaken(place: Place): Promise<boolean>;
  /** @returns how many bytes are free in a folder; nothing where that cannot be told */
  freeBytes(folder: string): Promise<number | undefined>;
}

/** Of an engine elsewhere nothing is known but what it says itself. */
export const noSight: Sight = {
  isTaken: async () => false,
  freeBytes: async () => undefined,
};

export const ownSight: Sight = {
  isTaken: (place) =>
    tryToListen(place).then(
      () => false,
      // Not to be allowed to, or not to have the address, says nothing about others.
      (error: NodeJS.ErrnoException) => error.code === 'EADDRINUSE',
    ),
  freeBytes: (folder) =>
    statfs(folder).then(
      ({ bavail, bsize }) => bavail * bsize,
      () => undefined,
    ),
};

async function tryToListen({ address, port, protocol }: Place): Promise<void> {
  if (protocol === 'udp') {
    const socket = createSocket('udp4').bind({ address, port, exclusive: true });
    await once(socket, 'listening').finally(() => socket.close());
    return;
  }
  const server = createServer().listen({ host: address, port, exclusive: true });
  await once(server, 'listening').finally(() => server.close());
}
