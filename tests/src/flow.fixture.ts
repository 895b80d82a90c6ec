/**
 * A program on a machine of a lab. `speak PORT…`: it sends without end to whoever calls, by TCP or UDP.
 * `listen tcp|udp ADDRESS PORT`: it calls, says nothing more, and tells its parent when something came.
 */
import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';

const EVERY_MS = 20;
const WORD = Buffer.from('still here\n');

const [, , role, ...words] = process.argv;
if (role === 'speak') for (const port of words.map(Number)) speak(port);
else listen(words[0], words[1] ?? '', Number(words[2]));

function speak(port: number): void {
  createServer((caller) => {
    const speaking = setInterval(() => caller.write(WORD), EVERY_MS);
    caller.on('error', () => {}).on('close', () => clearInterval(speaking));
  }).listen(port);
  const socket = createSocket('udp4').bind(port);
  socket
    .on('error', () => {})
    .on('message', (_, caller) => {
      setInterval(() => socket.send(WORD, caller.port, caller.address), EVERY_MS);
    });
}

function listen(protocol: string | undefined, address: string, port: number): void {
  const hear = () => process.send?.(Date.now());
  if (protocol === 'tcp') {
    connect(port, address).on('data', hear);
    return;
  }
  const socket = createSocket('udp4').on('message', hear);
  socket.send(WORD, port, address);
}
