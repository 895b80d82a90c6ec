import { describe, expect, test } from '@jest/globals';
import { type Combination, checkCombination, lint, versionsFor } from './lint.ts';

const network: Combination['network'] = {
  certificateVersion: 2,
  curve: 'curve25519',
  ranges: ['10.42.0.0/16', 'fd00:42::/64'],
};
const host: Combination['host'] = {
  ...{ name: 'web-1', groups: ['server'], lighthouse: false, relay: false },
  ...{ interface: true, port: null },
};
const lighthouse = { ...host, lighthouse: true, port: 4242 };
const rulesOf = (combination: Combination) => lint(combination).map(({ rule }) => rule);

test.each<[string, Combination]>([
  ['a network alone', { network }],
  ['a member of any version', { network, host, nebulaVersion: '1.6.1' }],
  ['a lighthouse that is new enough', { network, host: lighthouse, nebulaVersion: '1.10.0' }],
  [
    'an old lighthouse without IPv6',
    {
      network: { ...network, certificateVersion: 1, ranges: ['10.42.0.0/16'] },
      ...{ host: lighthouse, nebulaVersion: '1.6.1', given: [1] },
    },
  ],
  ['both versions for a new one', { network, host, nebulaVersion: '1.11.0', given: [1, 2] }],
  ['P-256 from 1.7 on', { network: { ...network, curve: 'p256' }, host, nebulaVersion: '1.7.0' }],
  ['a route', { network, host: { ...host, routes: ['192.168.9.0/24'] }, nebulaVersion: '1.9.3' }],
  [
    'a relay that is nothing else',
    { network, host: { ...host, relay: true, interface: false }, nebulaVersion: '1.11.0' },
  ],
])('lets %s pass', (_, combination) => {
  expect(lint(combination)).toEqual([]);
});

describe('refuses', () => {
  test.each<[string, Combination]>([
    ['ipv6-in-version-1', { network: { ...network, certificateVersion: 1 } }],
    [
      'several-addresses-of-a-family',
      { network: { ...network, ranges: ['10.42.0.0/16', '10.43.0.0/16'] } },
    ],
    ['no-ipv4', { network: { ...network, ranges: ['fd00:42::/64'] } }],
    ['odd-host-name', { network, host: { ...host, name: 'any' } }],
    ['odd-host-name', { network, host: { ...host, name: 'Web_1' } }],
    ['odd-group', { network, host: { ...host, groups: ['any'] } }],
    ['odd-group', { network, host: { ...host, groups: ['a b'] } }],
    ['odd-group', { network, host: { ...host, groups: ['a', 'a'] } }],
    ['lighthouse-without-port', { network, host: { ...lighthouse, port: null } }],
    ['lighthouse-without-port', { network, host: { ...lighthouse, port: 0 } }],
    ['idle-without-interface', { network, host: { ...host, interface: false } }],
    ['route-in-overlay', { network, host: { ...host, routes: ['10.42.7.0/24'] } }],
    ['route-in-overlay', { network, host: { ...host, routes: ['fd00::/16'] } }],
    [
      'route-without-address',
      {
        network: { ...network, ranges: ['10.42.0.0/16'] },
        host: { ...host, routes: ['fd01::/64'] },
      },
    ],
    [
      'routes-before-1.9',
      { network, host: { ...host, routes: ['192.168.9.0/24'] }, nebulaVersion: '1.8.2' },
    ],
    ['p256-before-1.7', { network: { ...network, curve: 'p256' }, nebulaVersion: '1.6.1' }],
    ['version-2-before-1.10', { network, host, nebulaVersion: '1.9.3', given: [1, 2] }],
    ['ipv6-landmark-before-1.10', { network, host: lighthouse, nebulaVersion: '1.9.7' }],
    [
      'ipv6-landmark-before-1.10',
      { network, host: { ...host, relay: true }, nebulaVersion: '1.6.1' },
    ],
  ])('%s', (rule, combination) => {
    expect(rulesOf(combination)).toEqual([rule]);
    expect(() => checkCombination(combination)).toThrow(
      expect.objectContaining({ code: 'unfit-for-nebula', members: { rule } }),
    );
    expect(lint(combination)[0]?.reason).toMatch(/\.$/);
    expect(lint(combination)[0]?.wayOut).toMatch(/\.$/);
  });

  test('all that is wrong, not the first alone', () => {
    const broken = { ...lighthouse, port: null, groups: ['any'] };

    expect(rulesOf({ network, host: broken, nebulaVersion: '1.6.1', given: [2] })).toEqual([
      ...['odd-group', 'lighthouse-without-port'],
      ...['version-2-before-1.10', 'ipv6-landmark-before-1.10'],
    ]);
  });
});

describe('versionsFor', () => {
  test.each<[1 | 2, string | null, number[]]>([
    [1, '1.11.0', [1]],
    [2, '1.11.0', [1, 2]],
    [2, '1.10.0-rc1', [1, 2]],
    [2, '2.0.0', [1, 2]],
    [2, '1.9.7', [1]],
    [2, '1.6.1', [1]],
    [2, 'unknown', [1]],
    [2, null, [1]],
  ])('of a network of version %i for nebula %s: %j', (certificateVersion, version, expected) => {
    expect(versionsFor({ certificateVersion }, version)).toEqual(expected);
  });
});
