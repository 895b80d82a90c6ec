import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { expect, test } from '@jest/globals';
import { ownSight } from './sight.ts';

const address = '127.0.0.1';

test.each(['127.0.0.1', '0.0.0.0'])('a port is taken while somebody listens on %s', async (on) => {
  const stranger = createServer().listen(0, on);
  await once(stranger, 'listening');
  const { port } = stranger.address() as AddressInfo;

  expect(await ownSight.isTaken({ address, port, protocol: 'tcp' })).toBe(true);
  expect(await ownSight.isTaken({ address, port, protocol: 'udp' })).toBe(false);

  stranger.close();
  await once(stranger, 'close');
  expect(await ownSight.isTaken({ address, port, protocol: 'tcp' })).toBe(false);
});

test('ports of UDP are others', async () => {
  const stranger = createSocket('udp4').bind(0, address);
  await once(stranger, 'listening');
  const { port } = stranger.address();

  expect(await ownSight.isTaken({ address, port, protocol: 'udp' })).toBe(true);
  expect(await ownSight.isTaken({ address, port, protocol: 'tcp' })).toBe(false);

  stranger.close();
});

test('of what it does not see nothing is said', async () => {
  expect(await ownSight.isTaken({ address: '192.0.2.1', port: 80, protocol: 'tcp' })).toBe(false);
  expect(await ownSight.freeBytes('/nowhere/at/all')).toBeUndefined();
  expect(await ownSight.freeBytes(tmpdir())).toBeGreaterThan(0);
});
