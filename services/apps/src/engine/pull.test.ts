import { expect, test } from '@jest/globals';
import { createLayers, jsonLines } from './pull.ts';

test('the bytes of a pull are the sum of its layers, and never go back', () => {
  const layers = createLayers();
  const downloading = (id: string, current: number, total: number) =>
    layers.add({ id, status: 'Downloading', progressDetail: { current, total } });
  downloading('a', 10, 100);
  downloading('b', 0, 50);
  expect(layers.sum()).toEqual({ doneBytes: 10, totalBytes: 150 });
  expect(layers.add({ id: 'a', status: 'Download complete' })).toBe(true);
  expect(
    layers.add({ id: 'a', status: 'Extracting', progressDetail: { current: 1, total: 999 } }),
  ).toBe(false);
  expect(layers.sum()).toEqual({ doneBytes: 100, totalBytes: 150 });
});

test('lines that arrive in pieces are read whole', async () => {
  async function* pieces() {
    yield Buffer.from('{"a":"caf\u00e9"}\n{"b"').subarray(0, 9);
    yield Buffer.from('{"a":"caf\u00e9"}\n{"b"').subarray(9);
    yield ':1}';
  }
  const lines = [];
  for await (const line of jsonLines(pieces())) lines.push(line);
  expect(lines).toEqual([{ a: 'caf\u00e9' }, { b: 1 }]);
});
