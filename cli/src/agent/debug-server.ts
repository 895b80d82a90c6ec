/**
 * Nebula's own debug SSH server: how the agent asks a running nebula what it runs, and closes its
 * tunnels. It listens on the loopback interface alone, on a port and with keys that are new with
 * every start; the key that opens it is in no file.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@cep/config/free-port';
import type { DebugServer } from '@cep/nebula/host-settings';
import type { Client } from 'ssh2';
import { writeDurably } from '../durable-file.ts';
import { generateSshKeys, publicBytes } from './ssh-keys.ts';

/** Runs one command of nebula's and gives its output. */
export type Ask = (command: string) => Promise<string>;

export interface DebugAccess extends DebugServer {
  /**
   * Connects, works, and disconnects: nebula closes every connection when it reloads.
   *
   * @throws {Error} when nebula does not answer
   */
  session<T>(work: (ask: Ask) => Promise<T>): Promise<T>;
}

const PATIENCE_MS = 2_000;
const SESSION_MS = 10_000;

/** @param folder  for the server's own key, which nebula 1.6 takes only from a file */
export async function openDebugAccess(folder: string): Promise<DebugAccess> {
  const { default: ssh } = await import('ssh2');
  const [server, user] = [generateSshKeys(ssh.utils), generateSshKeys(ssh.utils)];
  const hostKeyFile = join(folder, 'debug-server.key');
  writeDurably(hostKeyFile, server.private);
  const hostKey = publicBytes(server);
  const port = await freePort();
  return {
    port,
    hostKeyFile,
    authorizedKey: user.public.trim(),
    async session(work) {
      const sock = await dial(port);
      const client = new ssh.Client();
      try {
        const ready = once(client, 'ready');
        const hostVerifier = (key: Buffer) => key.equals(hostKey);
        const who = { username: 'cep', privateKey: user.private };
        client.connect({ sock, ...who, hostVerifier, readyTimeout: PATIENCE_MS });
        await ready;
        return await Promise.race([work(asker(client)), broken(client), tooLong()]);
      } finally {
        client.on('error', () => {}).end();
        sock.destroy();
      }
    },
  };
}

const asker =
  (client: Client): Ask =>
  (command) =>
    new Promise((resolve, reject) => {
      client.exec(command, (error, channel) => {
        if (error) reject(error);
        else resolve(text(channel));
      });
    });

/** Ssh2 leaves what is under way unanswered when the connection ends. */
async function broken(client: Client): Promise<never> {
  await once(client, 'close');
  throw new Error('nebula closed the connection to its debug server');
}

async function tooLong(): Promise<never> {
  await sleep(SESSION_MS, undefined, { ref: false });
  throw new Error('nebula does not answer on its debug server');
}

/** Without delay: the handshake is many small packets, each of which would wait for the other side. */
async function dial(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  await once(socket, 'connect');
  return socket;
}
