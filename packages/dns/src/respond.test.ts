import { describe, expect, test } from '@jest/globals';
import { decode } from 'dns-packet';
import { TYPE } from './protocol.ts';
import { EDNS, query } from './query.fixture.ts';
import { respond, type Transport } from './respond.ts';
import { buildZones } from './zone.ts';

const zones = buildZones([
  {
    domain: 'home',
    ranges: ['10.42.0.0/16', 'fd00:42::/64'],
    records: [
      { name: 'web', type: 'A', value: '10.42.0.7' },
      { name: 'web', type: 'AAAA', value: 'fd00:42::7', ttl: 30 },
      { name: 'web', type: 'TXT', value: 'hello' },
      { name: 'www', type: 'CNAME', value: 'web.home' },
      { name: 'twice', type: 'CNAME', value: 'www.home' },
      { name: 'gone', type: 'CNAME', value: 'nobody.home' },
      { name: 'away', type: 'CNAME', value: 'example.org.' },
      { name: 'other', type: 'CNAME', value: 'nas.lab' },
      { name: '*.wiki', type: 'A', value: '10.42.0.8' },
      { name: 'talk.wiki', type: 'A', value: '10.42.0.9' },
      { name: 'a.b', type: 'A', value: '10.42.0.10' },
      { name: 'big', type: 'TXT', value: 'x'.repeat(1_300) },
      { name: 'middle', type: 'TXT', value: 'x'.repeat(600) },
    ],
  },
  { domain: 'lab', records: [{ name: 'nas', type: 'A', value: '10.43.0.1' }] },
]);

const bytes = (message: Buffer, transport: Transport = 'udp') =>
  respond(zones, message, transport)?.toString('hex');

/** What a reader that is not ours makes of the answer. */
function ask(name: string, type = 'A', rest = '') {
  const message = query({ name, type: TYPE[type as keyof typeof TYPE] ?? 15, rest });
  const answer = respond(zones, message, 'udp');
  if (!answer) throw new Error('no answer');
  const { rcode, answers, authorities, flag_tc, flag_aa } = decode(answer) as ReturnType<
    typeof decode
  > & { rcode: string };
  const show = (records: typeof answers) =>
    records?.map(
      (record) => `${record.name} ${record.type} ${'data' in record ? text(record.data) : ''}`,
    );
  return { rcode, aa: flag_aa, tc: flag_tc, answers: show(answers), authority: show(authorities) };
}

const text = (data: unknown): string =>
  typeof data === 'string'
    ? data
    : Array.isArray(data)
      ? data.join('')
      : Object.values(data ?? {}).join(' ');

const HOME = ['home SOA home hostmaster.home 1 3600 600 604800 5'];

test('an answer is these bytes', () => {
  const header = 'beef 8500 0001 0001 0000 0000';
  const question = '03 776562 04 686f6d65 00 0001 0001';
  const answer = 'c00c 0001 0001 0000003c 0004 0a2a0007';
  expect(bytes(query())).toBe(`${header}${question}${answer}`.replaceAll(' ', ''));
});

test('a denial is these bytes', () => {
  const header = 'beef 8503 0001 0000 0001 0000';
  const question = '01 78 04 686f6d65 00 0001 0001';
  const soa = '04 686f6d65 00 0006 0001 00000005 002b';
  const names = '04686f6d6500 0a686f73746d6173746572 04686f6d6500';
  const numbers = '00000001 00000e10 00000258 00093a80 00000005';
  expect(bytes(query({ name: 'x.home' }))).toBe(
    `${header}${question}${soa}${names}${numbers}`.replaceAll(' ', ''),
  );
});

test.each([
  ['web.home', 'A', ['web.home A 10.42.0.7']],
  ['web.home', 'AAAA', ['web.home AAAA fd00:42::7']],
  ['web.home', 'TXT', ['web.home TXT hello']],
  ['nas.lab', 'A', ['nas.lab A 10.43.0.1']],
  ['home', 'SOA', HOME],
  ['x.wiki.home', 'A', ['x.wiki.home A 10.42.0.8']],
  ['x.y.wiki.home', 'A', ['x.y.wiki.home A 10.42.0.8']],
  ['talk.wiki.home', 'A', ['talk.wiki.home A 10.42.0.9']],
  ['*.wiki.home', 'A', ['*.wiki.home A 10.42.0.8']],
  ['7.0.42.10.in-addr.arpa', 'PTR', ['7.0.42.10.in-addr.arpa PTR web.home']],
  ['www.home', 'A', ['www.home CNAME web.home', 'web.home A 10.42.0.7']],
  ['www.home', 'CNAME', ['www.home CNAME web.home']],
  [
    'twice.home',
    'A',
    ['twice.home CNAME www.home', 'www.home CNAME web.home', 'web.home A 10.42.0.7'],
  ],
  ['away.home', 'A', ['away.home CNAME example.org']],
  ['other.home', 'A', ['other.home CNAME nas.lab', 'nas.lab A 10.43.0.1']],
])('%s %s is answered', (name, type, answers) => {
  expect(ask(name, type)).toEqual({
    rcode: 'NOERROR',
    aa: true,
    tc: false,
    answers,
    authority: [],
  });
});

test.each([
  ['a type that the name has not', 'web.home', 'MX', 'NOERROR', []],
  ['a name that only has names below it', 'b.home', 'A', 'NOERROR', []],
  ['a wildcard in a type that it has not', 'x.wiki.home', 'AAAA', 'NOERROR', []],
  ['a name that is not there', 'x.home', 'A', 'NXDOMAIN', []],
  ['a name below one that is no wildcard', 'x.web.home', 'A', 'NXDOMAIN', []],
  ['a name below one that hides the wildcard', 'x.talk.wiki.home', 'A', 'NXDOMAIN', []],
  ['an alias without the type', 'www.home', 'MX', 'NOERROR', ['www.home CNAME web.home']],
  ['an alias of nothing', 'gone.home', 'A', 'NXDOMAIN', ['gone.home CNAME nobody.home']],
])('%s is denied for a while', (_, name, type, rcode, answers) => {
  expect(ask(name, type)).toEqual({ rcode, aa: true, tc: false, answers, authority: HOME });
});

test('a denial in reverse names the zone of the range', () => {
  expect(ask('9.9.42.10.in-addr.arpa', 'PTR')).toMatchObject({
    rcode: 'NXDOMAIN',
    authority: [expect.stringMatching(/^42\.10\.in-addr\.arpa SOA /)],
  });
});

test.each(['example.org', 'homes', 'xhome', '', 'arpa', '7.0.43.10.in-addr.arpa'])(
  '"%s" is none of ours, and refused',
  (name) => {
    expect(ask(name)).toEqual({
      rcode: 'REFUSED',
      aa: false,
      tc: false,
      answers: [],
      authority: [],
    });
  },
);

test('the question comes back as it was written', () => {
  const message = query({ name: 'wEb.HoMe' });
  const answer = respond(zones, message, 'udp');

  expect(answer?.subarray(12, message.length)).toEqual(message.subarray(12));
  expect(answer?.readUInt16BE(6)).toBe(1);
});

test('ANY gets one small record, or the alias', () => {
  expect(ask('web.home', 'ANY').answers).toEqual([expect.stringContaining('web.home HINFO')]);
  expect(ask('www.home', 'ANY').answers).toEqual(['www.home CNAME web.home']);
});

describe('size', () => {
  const truncated = { rcode: 'NOERROR', tc: true, answers: [] };

  test.each([
    ['without EDNS 512 bytes', 'middle.home', '', truncated],
    ['with EDNS 1232 bytes', 'middle.home', EDNS, { tc: false, answers: [expect.anything()] }],
    ['and no more, whatever is asked for', 'big.home', EDNS, truncated],
    ['less than 512 is 512', 'web.home', '0000290001000000000000', { tc: false }],
    ['as much as is asked for', 'middle.home', '0000290258000000000000', truncated],
  ])('%s', (_, name, rest, expected) => {
    expect(ask(name, 'TXT', rest)).toMatchObject(expected);
  });

  test('TCP takes it all', () => {
    const answer = respond(zones, query({ name: 'big.home', type: TYPE.TXT }), 'tcp');

    expect(answer?.length).toBeGreaterThan(1_300);
    expect(answer?.[2]).toBe(0x85);
  });
});

const NOTHING = '0000 0000 0000 0000';
const ASKED = '0001 0000 0000';

test.each([
  [
    'EDNS is answered with EDNS',
    query({ name: 'x.lan', rest: EDNS }),
    `8105 ${ASKED} 0001`,
    '0000 2904 d000 0000 0000 00',
  ],
  [
    'and that a client knows DNSSEC is repeated',
    query({ name: 'x.lan', rest: '0000291000 00008000 0000' }),
    `8105 ${ASKED} 0001`,
    '0000 2904 d000 0080 0000 00',
  ],
  [
    'a version of EDNS to come is refused',
    query({ rest: '0000291000 00010000 0000' }),
    `8100 ${ASKED} 0001`,
    '0000 2904 d001 0000 0000 00',
  ],
  [
    'recursion that is not desired is not repeated',
    query({ name: 'x.lan', flags: 0 }),
    `8005 ${ASKED} 0000`,
    '',
  ],
  [
    'checking disabled is, and authentic data is not',
    query({ name: 'x.lan', flags: 0x0030 }),
    `8015 ${ASKED} 0000`,
    '',
  ],
  ['zone transfer is refused', query({ type: 252 }), `8105 ${ASKED} 0000`, ''],
  ['incremental transfer, too', query({ type: 251 }), `8105 ${ASKED} 0000`, ''],
  ['other classes are refused', query({ class: 3 }), `8105 ${ASKED} 0000`, ''],
  ['any class, too', query({ class: 255 }), `8105 ${ASKED} 0000`, ''],
  ['types that are operations are not implemented', query({ type: 250 }), `8104 ${ASKED} 0000`, ''],
  ['OPT is no question', query({ type: 41 }), `8101 ${ASKED} 0000`, ''],
  ['type 0 is none', query({ type: 0 }), `8101 ${ASKED} 0000`, ''],
  ['NOTIFY is not implemented', query({ flags: 0x2000 }), `a004 ${NOTHING}`, ''],
  ['UPDATE is not implemented', query({ flags: 0x2800 }), `a804 ${NOTHING}`, ''],
  ['no question', query({ counts: [0, 0, 0, 0] }), `8101 ${NOTHING}`, ''],
  ['two questions', query({ counts: [2, 0, 0, 0] }), `8101 ${NOTHING}`, ''],
  ['a question without an end', query().subarray(0, 20), `8101 ${NOTHING}`, ''],
  ['a question without a class', query().subarray(0, -2), `8101 ${NOTHING}`, ''],
  ['a header alone', query().subarray(0, 12), `8101 ${NOTHING}`, ''],
  [
    'a name that points at itself',
    Buffer.from('beef01000001000000000000c00c00010001', 'hex'),
    `8101 ${NOTHING}`,
    '',
  ],
  [
    'a label of 64 bytes',
    Buffer.from(`beef0100000100000000000040${'61'.repeat(64)}0000010001`, 'hex'),
    `8101 ${NOTHING}`,
    '',
  ],
  ['a name of 256 bytes', query({ name: `${'a.'.repeat(126)}aa` }), `8101 ${NOTHING}`, ''],
  ['bytes after the end', query({ rest: '00', counts: [1, 0, 0, 0] }), `8101 ${ASKED} 0000`, ''],
  ['records that are not there', query({ counts: [1, 0, 0, 1] }), `8101 ${ASKED} 0000`, ''],
  [
    '65535 records that are not there',
    query({ counts: [1, 65_535, 65_535, 65_535] }),
    `8101 ${ASKED} 0000`,
    '',
  ],
  [
    'a record longer than the message',
    query({ rest: '0000291000000000000001' }),
    `8101 ${ASKED} 0000`,
    '',
  ],
  ['EDNS twice', query({ rest: EDNS + EDNS, counts: [1, 0, 0, 2] }), `8101 ${ASKED} 0000`, ''],
  ['EDNS as an answer', query({ rest: EDNS, counts: [1, 1, 0, 0] }), `8101 ${ASKED} 0000`, ''],
  ['EDNS of a name', query({ rest: `0161${EDNS}` }), `8101 ${ASKED} 0000`, ''],
  [
    'an option longer than EDNS',
    query({ rest: '0000291000000000000004000a0009' }),
    `8101 ${ASKED} 0000`,
    '',
  ],
])('%s', (_, message, header, rest) => {
  const answer = bytes(message) ?? '';

  expect(answer.slice(4, 24)).toBe(header.replaceAll(' ', ''));
  expect(answer.endsWith(rest.replaceAll(' ', ''))).toBe(true);
});

test.each([
  ['nothing', Buffer.alloc(0)],
  ['half a header', query().subarray(0, 11)],
  ['a response', query({ flags: 0x8100 })],
  [
    'a response that makes no sense',
    Buffer.concat([Buffer.from('beefff', 'hex'), Buffer.alloc(300)]),
  ],
])('%s is not answered', (_, message) => {
  expect(respond(zones, message, 'udp')).toBeUndefined();
});

test('other records beside the question do no harm', () => {
  const host = '0161c00c00010001000000000004 0a000001'.replaceAll(' ', '');
  const message = query({ rest: host + EDNS, counts: [1, 1, 0, 1] });

  expect(bytes(message)?.slice(4, 16)).toBe('850000010001');
});
