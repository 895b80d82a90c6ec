import type { networkInterfaces } from 'node:os';
import { expect, test } from '@jest/globals';
import { seenFromElsewhere } from './connect-command.ts';

const ipv4 = (address: string, internal = false) =>
  ({ address, internal, family: 'IPv4' }) as NonNullable<
    ReturnType<typeof networkInterfaces>[string]
  >[number];

const machine = {
  lo: [ipv4('127.0.0.1', true)],
  docker0: [ipv4('172.17.0.1')],
  'nebula-home': [ipv4('10.42.0.1')],
  eth0: [ipv4('192.168.1.10')],
};

test.each([
  ['https://localhost:8443', machine, 'https://192.168.1.10:8443'],
  ['https://127.0.0.1:8443', machine, 'https://192.168.1.10:8443'],
  ['https://cloud.example:8443', machine, 'https://cloud.example:8443'],
  ['https://localhost:8443', { lo: machine.lo }, 'https://localhost:8443'],
])('%s is told to other machines as an address that leads here', (url, interfaces, told) => {
  expect(seenFromElsewhere(new URL(url), interfaces)).toBe(told);
});
