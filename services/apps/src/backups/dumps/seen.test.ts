import { expect, test } from '@jest/globals';
import { piecesOf, roomIn, watchBytes, withoutLast } from './seen.ts';

async function* of(...parts: string[]) {
  for (const part of parts) yield Buffer.from(part);
}

test('a stream is cut into pieces of a size, and none is empty', async () => {
  const pieces: string[] = [];
  for await (const piece of piecesOf(of('ab', 'cde', 'f', 'g'), 4)) pieces.push(piece.toString());

  expect(pieces).toEqual(['abcde', 'fg']);
  expect(await piecesOf(of('')).next()).toMatchObject({ done: true });
});

test.each([
  [['ab', 'cde', 'f', 'g'], 3, 'abcd'],
  [['abcdefg'], 3, 'abcd'],
  [['a', 'b'], 2, ''],
  [['a'], 2, ''],
  [['ab', 'c'], 0, 'abc'],
])('%j without the last %d is %s', async (parts, size, rest) => {
  let text = '';
  for await (const chunk of withoutLast(of(...parts), size)) text += Buffer.from(chunk).toString();

  expect(text).toBe(rest);
});

test('of what passes by the ends are remembered', async () => {
  const watch = watchBytes();
  const all = Buffer.from(Array.from({ length: 2_000 }, (_, n) => n % 251));
  async function* chunks() {
    for (let at = 0; at < all.length; at += 100) yield all.subarray(at, at + 100);
  }
  const passed: Uint8Array[] = [];
  for await (const chunk of watch.by(chunks())) passed.push(chunk);

  const { bytes, head, tail } = watch.seen();

  expect(Buffer.concat(passed)).toEqual(all);
  expect(bytes).toBe(2_000);
  expect(head).toEqual(all.subarray(0, 512));
  expect(tail).toEqual(all.subarray(-512));
});

test('room is what is free, but for a reserve', () => {
  const df = (free: number) =>
    `Filesystem 1024-blocks Used Available Capacity Mounted on\noverlay 9999999 1 ${free} 1% /\n`;

  expect(roomIn(df(2 ** 20))).toBe(2 ** 29);
  expect(roomIn(df(5))).toBe(0);
  expect(roomIn('df: not found')).toBeUndefined();
});
