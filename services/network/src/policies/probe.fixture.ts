/**
 * A program on a host of the lab: it answers on the UDP ports it was given, of either family, and tries, when asked by
 * its parent, whether packets reach other hosts. It knows TCP by the refusal, for nobody listens.
 */
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';

export interface Trial {
  readonly protocol: string;
  readonly address: string;
  readonly port: number;
}

const PATIENCE_MS = 700;

const [, , ...ports] = process.argv;
for (const port of ports) {
  const socket = createSocket('udp6').bind(Number(port));
  socket.on('message', (message, from) => socket.send(message, from.port, from.address));
}
process.on('message', (trials: Trial[]) => {
  void Promise.all(trials.map(reaches)).then((arrived) => process.send?.(arrived));
});

function reaches(trial: Trial): Promise<boolean> {
  if (trial.protocol === 'icmp') return pings(trial);
  return trial.protocol === 'tcp' ? refuses(trial) : echoes(trial);
}

const pings = ({ address }: Trial) =>
  new Promise<boolean>((resolve) => {
    execFile('ping', ['-c', '1', '-W', `${PATIENCE_MS / 1000}`, address], (error) => {
      resolve(error === null);
    });
  });

const refuses = ({ address, port }: Trial) =>
  new Promise<boolean>((resolve) => {
    const socket = connect({ host: address, port, timeout: PATIENCE_MS });
    socket.once('error', ({ message }) => resolve(message.includes('ECONNREFUSED')));
    socket.once('timeout', () => {
      socket.destroy();
      resolve(false);
    });
  });

const echoes = ({ address, port }: Trial) =>
  new Promise<boolean>((resolve) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    const finish = (answered: boolean) => {
      clearTimeout(timer);
      socket.close();
      resolve(answered);
    };
    const timer = setTimeout(finish, PATIENCE_MS, false);
    socket.once('message', () => finish(true));
    // More than fits into one packet of the tunnel.
    socket.send(Buffer.alloc(2_000), port, address);
  });
