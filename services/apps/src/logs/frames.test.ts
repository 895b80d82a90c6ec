import { expect, test } from '@jest/globals';
import { type Line, readLines } from './frames.ts';

const AT = '2026-01-02T03:04:05.000000006Z';

function frame(text: string, stream = 1): Uint8Array {
  const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}

async function read(chunks: AsyncIterable<Uint8Array>): Promise<Line[]> {
  const lines: Line[] = [];
  for await (const line of readLines(chunks)) lines.push(line);
  return lines;
}

test('a program that never ends its line is still read line by line', async () => {
  async function* endless() {
    yield frame(`${AT} `);
    for (let n = 0; n < 200; n++) yield frame('x'.repeat(16 * 1024));
  }

  const lines = await read(endless());

  expect(lines.length).toBeGreaterThan(30);
  expect(Math.max(...lines.map(({ text }) => text.length))).toBeLessThan(100 * 1024);
  expect(new Set(lines.map(({ at }) => at))).toEqual(new Set([AT]));
  expect(lines.map(({ text }) => text).join('')).toHaveLength(200 * 16 * 1024);
});

test('lines of both streams come with their time, however the engine cuts them up', async () => {
  const bytes = Buffer.concat([frame(`${AT} on`), frame(`${AT} oh\n`, 2), frame('e\r\n')]);
  async function* pieces() {
    for (const byte of bytes) yield Uint8Array.of(byte);
  }

  expect(await read(pieces())).toEqual([
    { stream: 'stderr', at: AT, text: 'oh' },
    { stream: 'stdout', at: AT, text: 'one' },
  ]);
});
