import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { requires } from '@cep/testing/requires';
import { afterEach, expect, test } from '@jest/globals';
import { forwarder } from './forward.ts';
import { query } from './query.fixture.ts';

const FIRST = '127.0.53.1';
const SECOND = '127.0.53.2';
const OURS = '127.0.53.3';
const ANSWER = 0x80;
const RECURSION_DESIRED = 0x01;
const REFUSED = 5;

/** That question as an answer, with a mark by which it is known. */
function answerTo(question: Buffer, mark: number, rcode = 0): Buffer {
  const answer = Buffer.concat([question, Buffer.of(mark)]);
  answer[2] = (question[2] ?? 0) | ANSWER;
  answer[3] = rcode;
  return answer;
}

// In namespaces of the tests' own port 53 is free.
requires('namespaces')('questions that are asked on', () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  type Say = (message: Buffer) => void;

  async function udpServer(host: string, reply: (question: Buffer, say: Say) => void) {
    const socket = createSocket('udp4');
    socket.on('message', (question, { port, address }: RemoteInfo) =>
      reply(question, (message) => socket.send(message, port, address)),
    );
    socket.bind(53, host);
    await once(socket, 'listening');
    closing.push(async () => socket.close());
  }

  async function tcpServer(host: string, reply: (question: Buffer) => readonly Buffer[]) {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', (chunk) => {
        for (const part of reply(chunk.subarray(2))) socket.write(part);
      });
    });
    server.listen(53, host);
    await once(server, 'listening');
    closing.push(async () => server.close());
  }

  const others = (...hosts: string[]) =>
    forwarder(() => hosts.map((host) => ({ host, isOurs: host === OURS })));
  const question = query({ name: 'www.example.org' });

  test('only an answer to this very question is taken', async () => {
    await udpServer(FIRST, (asked, say) => {
      const otherNumber = answerTo(asked, 1);
      otherNumber.writeUInt16BE(0x1234, 0);
      say(otherNumber);
      say(answerTo(query({ name: 'www.example.com' }), 2));
      say(asked);
      say(Buffer.from('no'));
      say(answerTo(asked, 7));
    });

    const reply = await others(FIRST)(question, 'udp');

    expect(reply?.at(-1)).toBe(7);
  });

  test('who does not answer, or is not there, is passed over', async () => {
    await udpServer(FIRST, () => {});
    await udpServer(SECOND, (asked, say) => say(answerTo(asked, 7)));

    expect((await others('127.0.53.9', FIRST, SECOND)(question, 'udp'))?.at(-1)).toBe(7);
    expect(await others('127.0.53.9')(question, 'udp')).toBeUndefined();
  });

  test('one of ours is asked for its own names alone; the refusal of another is an answer', async () => {
    const asked: Buffer[] = [];
    await udpServer(OURS, (message, say) => {
      asked.push(message);
      say(answerTo(message, 1, REFUSED));
    });
    await udpServer(SECOND, (message, say) => say(answerTo(message, 7, REFUSED)));

    const reply = await others(OURS, SECOND)(question, 'udp');

    expect((asked[0]?.[2] ?? 0) & RECURSION_DESIRED).toBe(0);
    expect(reply?.at(-1)).toBe(7);
    expect((reply?.[3] ?? 0) & 0x0f).toBe(REFUSED);
    expect((reply?.[2] ?? 0) & RECURSION_DESIRED).toBe(RECURSION_DESIRED);
  });

  test('by TCP an answer may come in pieces, and one that never ends is passed over', async () => {
    await tcpServer(FIRST, (asked) => [Buffer.of(0xff, 0xff), asked]);
    await tcpServer(SECOND, (asked) => {
      const answer = answerTo(asked, 7);
      const length = Buffer.of(answer.length >> 8, answer.length & 0xff);
      return [length.subarray(0, 1), length.subarray(1), answer.subarray(0, 9), answer.subarray(9)];
    });

    expect((await others(FIRST, SECOND)(question, 'tcp'))?.at(-1)).toBe(7);
  });

  test('past so many at once a question gets no answer, and later ones do', async () => {
    const waiting: (() => void)[] = [];
    await udpServer(FIRST, (asked, say) => void waiting.push(() => say(answerTo(asked, 7))));
    const forward = others(FIRST);
    const many = Array.from({ length: 512 }, () => forward(question, 'udp'));

    expect(await forward(question, 'udp')).toBeUndefined();

    const answering = setInterval(() => {
      for (const answer of waiting.splice(0)) answer();
    }, 10);
    await Promise.all(many);
    expect((await forward(question, 'udp'))?.at(-1)).toBe(7);
    clearInterval(answering);
  });
});
