import { Problem } from '@cep/contracts/problems';
import { describe, expect, test } from '@jest/globals';
import { decode } from 'dns-packet';
import { TYPE } from './protocol.ts';
import { EDNS, query } from './query.fixture.ts';
import { respond } from './respond.ts';
import { buildZones, type Zone, type ZoneRecord } from './zone.ts';

const home = (records: readonly ZoneRecord[], more: Partial<Zone> = {}): Zone => ({
  domain: 'home',
  records,
  ...more,
});
const a = (name: string, value = '10.42.0.7', ttl?: number): ZoneRecord => ({
  ...{ name, type: 'A', value },
  ...(ttl !== undefined && { ttl }),
});

/** The values, or the result code where there are none. */
function answers(zones: readonly Zone[], name: string, type: keyof typeof TYPE = 'A') {
  const answer = respond(buildZones(zones), query({ name, type: TYPE[type], rest: EDNS }), 'udp');
  if (!answer) throw new Error('no answer');
  const { answers: found = [], ...rest } = decode(answer);
  if (found.length === 0) return (rest as { rcode?: string }).rcode;
  return found.map((record) => ('data' in record ? record.data : undefined));
}

function refusal(...zones: unknown[]) {
  try {
    buildZones(zones as Zone[]);
  } catch (error) {
    if (error instanceof Problem) return `${error.code}: ${error.message}`;
    throw error;
  }
  return;
}

describe('what could not be answered well is refused, by name', () => {
  test.each<[string, Zone[]]>([
    ['a name that is none', [home([a('we b')])]],
    ['an empty name', [home([a('')])]],
    ['an empty label', [home([a('a..b')])]],
    ['a label of 64 letters', [home([a('a'.repeat(64))])]],
    ['a name of 254 letters', [home([a(`${'a.'.repeat(125)}b`)])]],
    ['a wildcard in the middle', [home([a('a.*.b')])]],
    ['part of a wildcard', [home([a('a*')])]],
    ['no address', [home([a('web', 'localhost')])]],
    ['an address with zeros before', [home([a('web', '10.042.0.7')])]],
    ['IPv6 as A', [home([a('web', 'fd00::1')])]],
    ['IPv4 as AAAA', [home([{ ...a('web'), type: 'AAAA' }])]],
    ['an address with a zone', [home([{ ...a('web', 'fe80::1%eth0'), type: 'AAAA' }])]],
    ['an alias of no name', [home([{ name: 'www', type: 'CNAME', value: 'not a name' }])]],
    ['an alias beside others', [home([a('www'), { name: 'www', type: 'CNAME', value: 'web' }])]],
    ['others beside an alias', [home([{ name: 'www', type: 'CNAME', value: 'web' }, a('www')])]],
    ['an alias of the domain', [home([{ name: '@', type: 'CNAME', value: 'web.lab' }])]],
    ['two aliases', [home(['a', 'b'].map((value) => ({ name: 'www', type: 'CNAME', value })))]],
    ['a negative TTL', [home([a('web', '10.42.0.7', -1)])]],
    ['a TTL for ever', [home([a('web', '10.42.0.7', 2 ** 31)])]],
    ['half a second', [home([a('web', '10.42.0.7', 0.5)])]],
    ['a text too long', [home([{ name: 'web', type: 'TXT', value: 'x'.repeat(17_000) }])]],
    ['a name of a foreign address', [home([{ name: '10.1.0.1', type: 'PTR', value: 'web.home' }])]],
    ['a type that is unknown', [home([{ ...a('web'), type: 'MX' } as unknown as ZoneRecord])]],
  ])('%s', (_, zones) => {
    expect(refusal(...zones)).toMatch(/^invalid-request: The record ".*" of the zone "home": /);
  });

  test.each<[string, Zone[]]>([
    ['a domain twice', [home([]), home([], { domain: 'HOME.' })]],
    [
      'a range twice',
      [
        home([], { ranges: ['10.0.0.0/16'] }),
        { ...home([], { ranges: ['10.0.0.0/16'] }), domain: 'lab' },
      ],
    ],
    ['a domain that is no name', [home([], { domain: 'ho me' })]],
    ['a range that is none', [home([], { ranges: ['10.0.0.0'] })]],
    ['a server that is no name', [home([], { nameServers: ['-'] })]],
  ])('%s', (_, zones) => {
    expect(refusal(...zones)).toMatch(/^invalid-request: The zone ".*": /);
  });

  test.each<[string, Zone[]]>([
    ['a name of another zone', [home([a('web.lab')]), home([], { domain: 'lab.home' })]],
    ['an alias of itself', [home([{ name: 'www', type: 'CNAME', value: 'www.home' }])]],
    [
      'aliases in a circle',
      [
        home(
          ['a', 'b'].map((name) => ({
            name,
            type: 'CNAME',
            value: `${name === 'a' ? 'b' : 'a'}.home`,
          })),
        ),
      ],
    ],
    ['a wildcard that is its own alias', [home([{ name: '*', type: 'CNAME', value: 'x.home' }])]],
    [
      'too many aliases',
      [
        home(
          Array.from({ length: 10 }, (_, n) => ({
            name: `n${n}`,
            type: 'CNAME',
            value: `n${n + 1}.home`,
          })),
        ),
      ],
    ],
  ])('%s', (_, zones) => {
    expect(refusal(...zones)).toMatch(/^invalid-request: /);
  });
});

test('records of one name and type are one set, with the shortest TTL, each once', () => {
  const zone = home([
    a('web', '10.42.0.7', 60),
    a('WEB', '10.42.0.8', 10),
    a('web', '10.42.0.7', 90),
  ]);
  const answer = respond(buildZones([zone]), query(), 'udp');

  expect(answers([zone], 'web.home')).toEqual(['10.42.0.7', '10.42.0.8']);
  expect(answer && decode(answer).answers).toMatchObject([{ ttl: 10 }, { ttl: 10 }]);
});

test('@ is the domain itself, and servers are named where there are some', () => {
  const zone = home([a('@')], { nameServers: ['ns1.example.org', 'ns2.example.org'], serial: 7 });

  expect(answers([zone], 'home')).toEqual(['10.42.0.7']);
  expect(answers([zone], 'home', 'NS')).toEqual(['ns1.example.org', 'ns2.example.org']);
  expect(answers([zone], 'home', 'SOA')).toMatchObject([{ mname: 'ns1.example.org', serial: 7 }]);
});

test('texts of any length and of any letters arrive whole', () => {
  const value = 'grüße '.repeat(60);
  const [chunks] = answers([home([{ name: 'web', type: 'TXT', value }])], 'web.home', 'TXT') ?? [];

  expect(Buffer.concat(chunks as Buffer[]).toString()).toBe(value);
});

describe('reverse', () => {
  const zone = (records: readonly ZoneRecord[], ...ranges: string[]) => [home(records, { ranges })];

  test.each<[string, string, string, string]>([
    ['10.42.0.7', '10.42.0.0/16', '7.0.42.10.in-addr.arpa', '10.43.0.0'],
    ['10.42.5.7', '10.42.4.0/22', '7.5.42.10.in-addr.arpa', '0.8.42.10.in-addr.arpa'],
    ['10.42.0.18', '10.42.0.16/28', '18.0.42.10.in-addr.arpa', '32.0.42.10.in-addr.arpa'],
    ['100.65.1.2', '100.64.0.0/10', '2.1.65.100.in-addr.arpa', '0.0.128.100.in-addr.arpa'],
  ])(
    '%s of %s has a name, and beside the range nothing is ours',
    (address, range, name, beside) => {
      expect(answers(zone([a('web', address)], range), name, 'PTR')).toEqual(['web.home']);
      expect(answers(zone([a('web', address)], range), beside, 'PTR')).toBe('REFUSED');
    },
  );

  test('IPv6 has names by nibbles', () => {
    const name = `7.${'0.'.repeat(23)}2.4.0.0.0.0.d.f.ip6.arpa`;
    const records: ZoneRecord[] = [{ name: 'web', type: 'AAAA', value: 'fd00:42::7' }];

    expect(answers(zone(records, 'fd00:42::/61'), name, 'PTR')).toEqual(['web.home']);
  });

  test('the first name of an address is its name, wildcards and foreign addresses apart', () => {
    const records = [a('*'), a('web'), a('wiki'), a('far', '192.0.2.1')];

    expect(answers(zone(records, '10.42.0.0/16'), '7.0.42.10.in-addr.arpa', 'PTR')).toEqual([
      'web.home',
    ]);
    expect(answers(zone(records, '10.42.0.0/16'), '1.2.0.192.in-addr.arpa', 'PTR')).toBe('REFUSED');
  });

  test('a name that an address is given goes before', () => {
    const records: ZoneRecord[] = [
      a('web'),
      { name: '10.42.0.7', type: 'PTR', value: 'mail.example.org' },
    ];

    expect(answers(zone(records, '10.42.0.0/16'), '7.0.42.10.in-addr.arpa', 'PTR')).toEqual([
      'mail.example.org',
    ]);
  });
});
