/**
 * Asks other servers what is none of our zones', for clients of this machine alone. Some of them (c-ares
 * in Node, `dig`) take a refusal for the last word, where the C libraries ask the next server.
 */
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import { RCODE } from './protocol.ts';
import { readQuery } from './query.ts';
import type { Transport } from './respond.ts';

const PORT = 53;

/** For one server, in ms. Clients wait for 5 s, then they ask the next by themselves. */
const PATIENCE = 2_000;

/** Questions under way; one more is not answered. */
const MOST = 512;

const RECURSION_DESIRED = 0x01;
const RECURSION_AVAILABLE = 0x80;

export interface OtherServer {
  readonly host: string;
  /** One of ours, for other zones: it is asked for those alone, and never asks back. */
  readonly isOurs: boolean;
}

/** @returns nothing when nobody answered */
export type Forward = (message: Buffer, transport: Transport) => Promise<Buffer | undefined>;

/** @param servers  whom to ask, one after the other */
export function forwarder(servers: () => readonly OtherServer[]): Forward {
  let underWay = 0;
  return async (message, transport) => {
    if (underWay >= MOST) return undefined;
    underWay += 1;
    try {
      for (const { host, isOurs } of servers()) {
        const reply = await ask(host, isOurs ? forOurs(message) : message, transport);
        if (!reply || (isOurs && rcodeOf(reply) === RCODE.REFUSED)) continue;
        return withFlags(message, reply);
      }
      return undefined;
    } finally {
      underWay -= 1;
    }
  };
}

/** Whether a question wants to be asked on: others of ours do not. */
export const wantsMore = (message: Buffer): boolean =>
  ((message[2] ?? 0) & RECURSION_DESIRED) !== 0;

function forOurs(message: Buffer): Buffer {
  const copy = Buffer.from(message);
  copy[2] = (copy[2] ?? 0) & ~RECURSION_DESIRED;
  return copy;
}

function withFlags(message: Buffer, reply: Buffer): Buffer {
  const copy = Buffer.from(reply);
  copy[2] = (copy[2] ?? 0) | ((message[2] ?? 0) & RECURSION_DESIRED);
  copy[3] = (copy[3] ?? 0) | RECURSION_AVAILABLE;
  return copy;
}

const rcodeOf = (reply: Buffer): number => (reply[3] ?? 0) & 0x0f;

const ask = (host: string, message: Buffer, transport: Transport): Promise<Buffer | undefined> =>
  transport === 'udp' ? askByUdp(host, message) : askByTcp(host, message);

/** From a port of its own, and heard from that server alone: nobody else can guess an answer. */
function askByUdp(host: string, message: Buffer): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    const end = (reply?: Buffer) => {
      clearTimeout(deadline);
      socket.removeAllListeners('message');
      socket.close();
      resolve(reply);
    };
    const deadline = setTimeout(end, PATIENCE);
    socket.once('error', () => end());
    socket.on('message', (reply) => {
      if (answers(reply, message)) end(reply);
    });
    socket.connect(PORT, host, () => socket.send(message));
  });
}

function askByTcp(host: string, message: Buffer): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    let received: Buffer = Buffer.alloc(0);
    const socket = connect({ host, port: PORT, noDelay: true });
    const end = (reply?: Buffer) => {
      clearTimeout(deadline);
      socket.destroy();
      resolve(reply && answers(reply, message) ? reply : undefined);
    };
    const deadline = setTimeout(end, PATIENCE);
    socket.on('error', () => end()).on('end', () => end());
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2) return;
      const length = received.readUInt16BE(0);
      if (received.length >= 2 + length) end(received.subarray(2, 2 + length));
    });
    socket.write(Buffer.concat([Buffer.of(message.length >> 8, message.length & 0xff), message]));
  });
}

/** The same number and the same question; servers may leave out the question when they refuse. */
function answers(reply: Buffer, message: Buffer): boolean {
  if (reply.length < 12 || reply.readUInt16BE(0) !== message.readUInt16BE(0)) return false;
  if (((reply[2] ?? 0) & 0x80) === 0) return false;
  if (reply.readUInt16BE(4) === 0) return true;
  const end = readQuery(message)?.questionEnd ?? 12;
  const [asked, answered] = [message.subarray(12, end), reply.subarray(12, end)];
  return asked.toString('latin1').toLowerCase() === answered.toString('latin1').toLowerCase();
}
