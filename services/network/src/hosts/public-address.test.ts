import { describe, expect, test } from '@jest/globals';
import { freePort, reachable } from './public-address.ts';

const overlays = ['10.42.0.0/16'];

describe('reachable', () => {
  test.each([
    ['203.0.113.7', '203.0.113.7'],
    ['192.168.1.20', '192.168.1.20'],
    ['10.43.0.1', '10.43.0.1'],
    ['2001:DB8:0::7', '2001:db8::7'],
  ])('takes %s for a lighthouse', (publicAddress, canonical) => {
    expect(reachable({ lighthouse: true, publicAddress }, overlays)).toEqual({
      ...{ lighthouse: true, relay: false, interface: true },
      publicAddress: canonical,
      port: null,
    });
  });

  test('takes another port', () => {
    const request = { lighthouse: true, publicAddress: '203.0.113.7', port: 443 };

    expect(reachable(request, overlays)).toMatchObject({ port: 443 });
  });

  test.each([
    ['not-an-ip', 'is not an IP address'],
    ['lighthouse.example.org', 'is not an IP address'],
    ['203.0.113.7:4242', 'is not an IP address'],
    ['203.0.113.07', 'is not an IP address'],
    ['203.0.113', 'is not an IP address'],
    ['fe80::1%eth0', 'is not an IP address'],
    ['', 'is not an IP address'],
    ['0.0.0.0', 'cannot be reached'],
    ['127.0.0.1', 'cannot be reached'],
    ['169.254.1.1', 'cannot be reached'],
    ['224.0.0.1', 'cannot be reached'],
    ['255.255.255.255', 'cannot be reached'],
    ['::', 'cannot be reached'],
    ['::1', 'cannot be reached'],
    ['::ffff:203.0.113.7', 'is not an IP address'],
    ['ff02::1', 'cannot be reached'],
    ['fe80::1', 'cannot be reached'],
    ['10.42.0.1', 'is inside an overlay'],
  ])('refuses %s as the address of a lighthouse', (publicAddress, why) => {
    expect(() => reachable({ lighthouse: true, publicAddress }, overlays)).toThrow(
      expect.objectContaining({
        code: 'wrong-public-address',
        message: expect.stringContaining(why),
      }),
    );
  });

  test.each([
    ['publicAddress', { lighthouse: true }],
    ['publicAddress', { lighthouse: false, publicAddress: '203.0.113.7' }],
    ['interface', { lighthouse: false, interface: false }],
  ])('names body/%s when it is missing or too much: %j', (member, request) => {
    expect(() => reachable(request, overlays)).toThrow(
      expect.objectContaining({
        code: 'wrong-public-address',
        message: expect.stringContaining(`body/${member}`),
      }),
    );
  });

  test('a host that is no lighthouse is not reached from outside', () => {
    expect(reachable({ lighthouse: false }, overlays)).toMatchObject({
      publicAddress: null,
      port: null,
    });
  });

  test('any host may have a port of its own, and a relay an address', () => {
    const ordinary = { lighthouse: false, port: 4242 };
    const relay = { lighthouse: false, relay: true };

    expect(reachable(ordinary, overlays)).toMatchObject({ port: 4242, publicAddress: null });
    expect(reachable(relay, overlays)).toMatchObject({ port: null, publicAddress: null });
    expect(reachable({ ...relay, publicAddress: '203.0.113.7' }, overlays)).toMatchObject({
      publicAddress: '203.0.113.7',
      port: null,
    });
  });
});

test.each([
  [[], 4242],
  [[4242], 4243],
  [[4244, 4242], 4243],
  [[4242, 4242, 443, 4243], 4244],
])('where %j are taken the next port is %d', (taken, free) => {
  expect(freePort(taken)).toBe(free);
});

test('says so when no port is left', () => {
  const all = Array.from({ length: 65_535 }, (_, index) => index + 1);

  expect(() => freePort(all)).toThrow(expect.objectContaining({ code: 'port-taken' }));
});
