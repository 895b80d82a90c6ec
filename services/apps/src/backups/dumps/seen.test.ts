import { expect, test } from '@jest/globals';
import { piecesOf, roomIn, watchBytes } from './seen.ts';

async function* of(...parts: string[]) {
  for (const part of parts) yield Buffer.from(part);
}

test('a stream is cut into pieces of a size, and none is empty', async () => {
  const pieces: string[] = [];
  for await (const piece of piecesOf(of('ab', 'cde', 'f', 'g'), 4)) pieces.push(piece.toString());

  expect(pieces).toEqual(['abcde', 'fg']);
  expect(await piecesOf(of('')).next()).toMatchObject({ done: true });
});

test('of what passes by the ends are remembered', () => {
  const watch = watchBytes();
  const all = Buffer.from(Array.from({ length: 2_000 }, (_, n) => n % 251));
  for (let at = 0; at < all.length; at += 100) watch.add(all.subarray(at, at + 100));

  const { bytes, head, tail } = watch.seen();

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
