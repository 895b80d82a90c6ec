import { rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';

/**
 * Makes sure that one process alone uses a home. The lock is a listening socket, not a file with a
 * number in it: it ends with the process, however that ends, and cannot be mistaken for another's.
 *
 * @returns lets go of the lock
 * @throws {Error} a sentence for people, when another process holds it
 */
export async function lockHome(home: string): Promise<() => void> {
  const path = join(home, 'lock');
  const release = await bind(path);
  if (release) return release;
  if (!(await answers(path))) {
    await rm(path, { force: true });
    const again = await bind(path);
    if (again) return again;
  }
  throw new Error(`cep is already running on ${home}; stop it first, or set CEP_HOME to another.`);
}

function bind(path: string): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(path, () => resolve(() => void server.close())).unref();
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    }).once('error', () => resolve(false));
  });
}
