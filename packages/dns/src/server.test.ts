import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { eventually } from '@cep/testing/eventually';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { EDNS, query } from './query.fixture.ts';
import { type RunningDns, startDns } from './server.ts';
import { buildZones } from './zone.ts';

const log = { info() {}, warn() {}, error() {} };
const zonesWith = (value: string) =>
  buildZones([
    {
      domain: 'home',
      records: [
        { name: 'web', type: 'A', value },
        { name: 'big', type: 'TXT', value: 'x'.repeat(10_000) },
      ],
    },
  ]);

let dns: RunningDns;
let port: number;
let sockets: Socket[];

beforeEach(async () => {
  sockets = [];
  dns = await startDns({
    zones: zonesWith('10.42.0.7'),
    addresses: [{ host: '127.0.0.1', port: 0 }],
    log,
  });
  port = dns.addresses[0]?.port ?? 0;
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await dns.stop();
});

function open(): Socket {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  sockets.push(socket);
  return socket;
}

const framed = (message: Buffer) =>
  Buffer.concat([Buffer.of(message.length >> 8, message.length & 0xff), message]);

/** Messages that arrive, until there are `count` or the connection ends. */
async function receive(socket: Socket, count: number): Promise<Buffer[]> {
  const messages: Buffer[] = [];
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
      messages.push(rest.subarray(2, 2 + rest.readUInt16BE(0)));
      rest = rest.subarray(2 + rest.readUInt16BE(0));
    }
    if (messages.length >= count) break;
  }
  return messages;
}

test('zones are replaced without a question lost', async () => {
  const client = createSocket('udp4');
  const seen = new Set<number | undefined>();
  for (let asked = 0; asked < 500; asked += 1) {
    dns.replace(zonesWith(`10.42.0.${asked % 250}`));
    client.send(query(), port, '127.0.0.1');
    const [answer] = (await once(client, 'message')) as [Buffer];
    expect(answer.at(-1)).toBe(asked % 250);
    seen.add(answer.at(-1));
  }
  client.close();

  expect(seen.size).toBe(250);
});

test('a datagram that is no question gets no answer, and those after it do', async () => {
  const client = createSocket('udp4');
  client.send(query({ flags: 0x8000 }), port, '127.0.0.1');
  client.send(Buffer.from('noise'), port, '127.0.0.1');
  client.send(query({ rest: EDNS }), port, '127.0.0.1');
  const [answer] = (await once(client, 'message')) as [Buffer];
  client.close();

  expect(answer.readUInt16BE(6)).toBe(1);
});

test('TCP answers questions that come together, and in pieces', async () => {
  const socket = open();
  const big = framed(query({ name: 'big.home', type: 16 }));
  socket.write(Buffer.concat([framed(query()), big, big.subarray(0, 9)]));
  const first = await receive(socket, 2);
  socket.end(big.subarray(9));
  const second = await receive(socket, 9);

  expect([...first, ...second].map(({ length }) => length > 10_000)).toEqual([false, true, true]);
});

test.each([
  ['a response', framed(query({ flags: 0x8000 }))],
  ['an empty message', Buffer.alloc(2)],
  ['a message longer than any question', Buffer.of(0x20, 0, 1)],
])('%s ends its connection', async (_, bytes) => {
  const socket = open();
  socket.write(bytes);

  expect(await receive(socket, 1)).toEqual([]);
});

test('a client that does not read is not answered into memory', async () => {
  const greedy = open();
  const question = framed(query({ name: 'big.home', type: 16 }));
  const before = process.memoryUsage().arrayBuffers;
  // 50 MB of answers to 250 KB of questions.
  greedy.pause().write(Buffer.concat(Array<Buffer>(5_000).fill(question)));
  const other = open();
  other.write(framed(query()));
  await receive(other, 1);

  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
});

test('of too many connections the idlest ends, and the newest is answered', async () => {
  const idle = Array.from({ length: 140 }, open);
  const ended = idle.map((socket) => once(socket, 'close'));
  await Promise.all(idle.map((socket) => once(socket, 'connect')));
  const newest = open();
  newest.write(framed(query()));

  expect(await receive(newest, 1)).toHaveLength(1);
  await Promise.race(ended);
  await eventually(async () => {
    expect(idle.filter(({ destroyed }) => destroyed).length).toBeGreaterThanOrEqual(13);
  });
});

test('a connection that says nothing whole in time ends', async () => {
  const slow = open();
  const dribble = setInterval(() => slow.write(Buffer.of(0)), 500);
  slow.write(Buffer.of(1));
  const started = performance.now();
  // Not "once", which takes a reset, as one more byte may meet, for a failure.
  await new Promise((resolve) => slow.resume().once('close', resolve));
  clearInterval(dribble);

  expect(performance.now() - started).toBeLessThan(9_000);
}, 15_000);

test('to stop ends connections, and frees the addresses', async () => {
  const idle = open();
  await once(idle, 'connect');
  const closed = once(idle.resume(), 'close');
  await dns.stop();
  await closed;
  const address = { host: '127.0.0.1', port };
  dns = await startDns({ zones: zonesWith('10.42.0.7'), addresses: [address], log });

  expect(dns.addresses).toEqual([address]);
});

test('where one address is taken none is', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port: other } = taken.address() as { port: number };
  const free = createSocket('udp4').bind(0, '127.0.0.1');
  await once(free, 'listening');
  const { port: first } = free.address();
  await new Promise<void>((resolve) => void free.close(resolve));
  const addresses = [first, other].map((each) => ({ host: '127.0.0.1', port: each }));
  const zones = zonesWith('10.42.0.7');

  await expect(startDns({ zones, addresses, log })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  taken.close();
  await once(taken, 'close');
  const both = await startDns({ zones, addresses, log });
  await both.stop();
});
