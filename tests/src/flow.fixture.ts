/**
 * A program on a machine of a lab. `speak PORT…`: it sends without end to whoever calls, by TCP or UDP.
 * `listen tcp|udp ADDRESS PORT`: it calls until it is answered, says nothing more, and tells its parent
 * whenever something comes.
 */
import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';

const EVERY_MS = 20;
const PATIENCE_MS = 250;
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
  const call = protocol === 'tcp' ? callByTcp : callByUdp;
  const hear = () => {
    clearInterval(calling);
    process.send?.(Date.now());
  };
  // Until it is answered: where tunnels begin packets may be lost.
  const calling = setInterval(() => call(address, port, hear), PATIENCE_MS);
}

function callByTcp(address: string, port: number, hear: () => void): void {
  const socket = connect(port, address).once('data', () => clearTimeout(end));
  const end = setTimeout(() => socket.destroy(), PATIENCE_MS);
  socket.on('error', () => {}).on('data', hear);
}

function callByUdp(address: string, port: number, hear: () => void): void {
  const socket = createSocket('udp4').once('message', () => clearTimeout(end));
  const end = setTimeout(() => socket.close(), PATIENCE_MS);
  socket.on('message', hear).send(WORD, port, address);
}
