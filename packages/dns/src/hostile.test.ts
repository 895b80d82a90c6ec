/** What strangers may send: whatever it is, the answer is none or a small one, and comes soon. */
import { describe, expect, test } from '@jest/globals';
import { decode } from 'dns-packet';
import fc from 'fast-check';
import { EDNS, query } from './query.fixture.ts';
import { respond } from './respond.ts';
import { buildZones } from './zone.ts';

const zones = buildZones([
  {
    domain: 'home',
    ranges: ['10.42.0.0/16'],
    records: [
      { name: 'web', type: 'A', value: '10.42.0.7' },
      { name: 'www', type: 'CNAME', value: 'web.home' },
      { name: '*.wiki', type: 'TXT', value: 'x'.repeat(2_000) },
    ],
  },
]);

const samples = [
  query(),
  query({ rest: EDNS }),
  query({ name: 'www.home', type: 255, rest: EDNS }),
  query({ name: 'a.b.wiki.home', type: 16, rest: EDNS }),
  query({ name: '7.0.42.10.in-addr.arpa', type: 12 }),
];

/** One to four edits: a byte changed, inserted, removed, or the end cut off. */
const edits = fc.array(
  fc.record({
    kind: fc.constantFrom('change', 'insert', 'remove', 'cut'),
    at: fc.nat(80),
    byte: fc.nat(255),
  }),
  { minLength: 1, maxLength: 4 },
);

type Edit = typeof edits extends fc.Arbitrary<(infer E)[]> ? E : never;

function edit(bytes: Buffer, { kind, at, byte }: Edit): Buffer {
  const place = at % (bytes.length + 1);
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)];
  if (kind === 'cut') return before;
  const rest = kind === 'insert' ? after : after.subarray(1);
  return Buffer.concat([before, kind === 'remove' ? Buffer.alloc(0) : Buffer.of(byte), rest]);
}

const edited = fc
  .tuple(fc.constantFrom(...samples), edits)
  .map(([bytes, steps]) => steps.reduce(edit, bytes));

const noise = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes));

/** What holds for each message. */
function isHarmless(message: Buffer): void {
  for (const transport of ['udp', 'tcp'] as const) {
    const answer = respond(zones, message, transport);
    if (!answer) continue;
    const mayBeLarge = message.includes(Buffer.from('000029', 'hex'));
    expect(answer.length).toBeLessThanOrEqual(
      transport === 'tcp' ? 65_535 : mayBeLarge ? 1_232 : 512,
    );
    expect(answer.subarray(0, 2)).toEqual(message.subarray(0, 2));
    expect((answer[2] ?? 0) & 0xf8).toBe(((message[2] ?? 0) & 0x78) | 0x80);
    expect(respond(zones, answer, transport)).toBeUndefined();
    expect(() => decode(answer)).not.toThrow();
  }
}

const check = <T>(property: fc.IProperty<T>, numRuns: number) =>
  fc.assert(property, { numRuns, endOnFailure: true });

test('noise does no harm', () => {
  check(fc.property(noise, isHarmless), 3_000);
});

test('noise with a good header does no harm', () => {
  const header = query().subarray(0, 12);
  check(
    fc.property(noise, (bytes) => isHarmless(Buffer.concat([header, bytes]))),
    3_000,
  );
});

test('no edit of a question does harm', () => {
  check(fc.property(edited, isHarmless), 5_000);
});

test('every question comes back byte for byte', () => {
  const label = fc.uint8Array({ minLength: 1, maxLength: 63 });
  const names = fc
    .array(label, { maxLength: 3 })
    .map((labels) => Buffer.concat(labels.flatMap((each) => [Buffer.of(each.length), each])));
  const zone = query({ name: 'HoMe' }).subarray(12);
  const returns = fc.property(names, (name) => {
    const message = Buffer.concat([query().subarray(0, 12), name, zone]);
    const answer = respond(zones, message, 'udp');

    expect(answer?.subarray(12, message.length)).toEqual(message.subarray(12));
  });
  check(returns, 1_000);
});

describe('nothing takes long', () => {
  const repeat = (hex: string, length: number) => Buffer.alloc(length, Buffer.from(hex, 'hex'));
  const header = (counts: readonly [number, number, number, number]) =>
    query({ counts }).subarray(0, 12);

  test.each<[string, Buffer]>([
    ['64 KiB of zeros', Buffer.alloc(65_535)],
    ['64 KiB of ones', repeat('ff', 65_535)],
    [
      '64 KiB of questions',
      Buffer.concat([header([65_535, 0, 0, 0]), repeat('0000010001', 65_500)]),
    ],
    [
      '64 KiB of records',
      query({ rest: '0000010001000000000000'.repeat(5_900), counts: [1, 0, 0, 5_900] }),
    ],
    ['64 KiB of options', query({ rest: `0000291000000000 00fff0${'00'.repeat(65_520)}` })],
    ['pointers in a circle', Buffer.concat([header([1, 0, 0, 0]), repeat('c00c', 500)])],
    ['pointers to the end', query({ rest: 'c0ff'.repeat(5_000), counts: [1, 0, 0, 9_999] })],
    ['127 labels', query({ name: 'a.'.repeat(125) + 'home' })],
    ['127 labels of ours', query({ name: `${'a.'.repeat(120)}wiki.home`, type: 16 })],
  ])('%s', (_, message) => {
    const started = performance.now();
    for (let count = 0; count < 100; count += 1) isHarmless(message);

    expect((performance.now() - started) / 100).toBeLessThan(20);
  });
});
