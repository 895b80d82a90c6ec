import type { Bundle } from '@cep/contracts/bundle';
import { describe, expect, test } from '@jest/globals';
import { deviceOf, nebulaSettings } from './nebula-settings.ts';

test.each(['home', 'a-network-with-a-long-name', 'x'.repeat(63)])(
  'the interface of %s has a name that Linux takes',
  (network) => {
    expect(deviceOf(network)).toMatch(/^nebula-[a-z0-9-]{1,8}$/);
  },
);

test('networks whose names begin alike have interfaces of their own', () => {
  expect(deviceOf('production-east')).not.toBe(deviceOf('production-west'));
});

const id = '7f1a6a0e-5a55-4c0b-9d9a-0a4c9d2b8f11';
const guide = { address: '10.42.0.1', address6: 'fd00:42::1', endpoints: ['192.0.2.7:4242'] };
const bundle: Bundle = {
  ...{ version: 1, issuedAt: new Date(0).toISOString(), certificate: 'one', authorities: 'CA 1' },
  network: { id, name: 'home', cidr: '10.42.0.0/16' },
  host: {
    ...{ id, name: 'laptop', address: '10.42.0.2/16', lighthouse: false, relay: false },
    ...{ interface: true, port: null },
  },
  version2: {
    ...{ network: { cidr: 'fd00:42::/64' }, host: { address: 'fd00:42::2/64' } },
    ...{ certificate: 'two', authorities: 'CA 2' },
  },
  ...{ blocklist: [], lighthouses: [guide], relays: [guide], inbound: [] },
};

test('a nebula that reads version 2 is given it, and meets lighthouses by IPv6', () => {
  expect(nebulaSettings(bundle, '1.11.0')).toMatchObject({
    ...{ certificate: 'one', certificateV2: 'two', authorities: ['CA 1', 'CA 2'] },
    ...{ lighthouses: ['fd00:42::1'], relays: ['fd00:42::1', '10.42.0.1'] },
    staticHosts: { '10.42.0.1': guide.endpoints, 'fd00:42::1': guide.endpoints },
  });
});

test('one that does not hears nothing of it, whatever the server sent', () => {
  const { version2: _, ...first } = bundle;

  expect(nebulaSettings(bundle, '1.9.3')).toEqual(nebulaSettings(first, '1.9.3'));
  expect(nebulaSettings(bundle, '1.9.3')).toMatchObject({
    ...{ certificateV2: undefined, authorities: ['CA 1'], lighthouses: ['10.42.0.1'] },
  });
});

describe('whom a host may call', () => {
  const everyone = [{ proto: 'any', port: 'any', peer: 'any' }];
  const server = { url: 'https://10.42.0.1:8443' };
  const rule = { port: '443', protocol: 'tcp', to: { group: 'web' } } as const;

  test('is everyone where the server says nothing of it', () => {
    expect(nebulaSettings(bundle, '1.11.0', server).outbound).toEqual(everyone);
  });

  test('is what the server says, and the server', () => {
    const told = { ...bundle, outbound: [rule] };

    expect(nebulaSettings(told, '1.11.0').outbound).toEqual([
      { proto: 'tcp', port: '443', peer: { group: 'web' } },
    ]);
    expect(nebulaSettings({ ...told, outbound: [] }, '1.11.0').outbound).toEqual([]);
    expect(nebulaSettings(told, '1.11.0', server).outbound.slice(1)).toEqual([
      { proto: 'tcp', port: 8443, peer: { cidr: '10.42.0.1/32' } },
    ]);
  });

  test.each([
    ['https://cloud.home:8443', 8443],
    ['https://cloud.home', 443],
    ['https://[fd00:42::1]:8443', 8443],
  ])('is the port of %s wherever it is', (url, port) => {
    expect(nebulaSettings({ ...bundle, outbound: [] }, '1.6.1', { url }).outbound).toEqual([
      { proto: 'tcp', port, peer: 'any' },
    ]);
  });
});

test('a lighthouse without IPv6 is met by IPv4', () => {
  const { address6: _, ...old } = guide;

  expect(nebulaSettings({ ...bundle, lighthouses: [old] }, '1.11.0').lighthouses).toEqual([
    '10.42.0.1',
  ]);
});
