import { expect, test } from '@jest/globals';
import { createLayers, createNews, jsonLines, pauseAfter } from './pull.ts';

test.each([
  ['toomanyrequests: retry-after: 2.5s, allowed: 4000/minute', 2_500, 2_500],
  ['too many requests (Retry-After: 7)', 7_000, 7_000],
  ['toomanyrequests: retry-after: 300ms', 500, 1_000],
  ['toomanyrequests: retry-after: 884.6µs', 500, 1_000],
  ['too many requests. Retry after 90m', 60_000, 60_000],
  ['unknown: broken', 500, 1_000],
])('after "%s" it is waited as long as was asked for', (sentence, least, most) => {
  const pause = pauseAfter(new Error(sentence), 1_000);

  expect(pause).toBeGreaterThanOrEqual(least);
  expect(pause).toBeLessThanOrEqual(most);
});

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

test('what an engine says again of what does not move is no progress', () => {
  const news = createNews();
  const downloading = (current: number) =>
    news.add({ id: 'a', status: 'Downloading', progressDetail: { current, total: 100 } });

  expect([downloading(10), downloading(10), downloading(11)]).toEqual([true, false, true]);
  expect(news.add({ id: 'b', status: 'Waiting' })).toBe(false);
  const retrying = [5, 4].map((n) => news.add({ id: 'b', status: `Retrying in ${n} seconds` }));
  expect(retrying).toEqual([false, false]);
  expect(news.add({ id: 'a', status: 'Download complete' })).toBe(true);
});

test('a pull that waits for others in the engine is not one whose registry hangs', () => {
  const news = createNews();
  const queued = (id: string, status: string) => {
    news.add({ id, status });
    return news.isQueued();
  };

  expect(queued('1', 'Pulling from library/busybox')).toBe(false);
  expect(queued('a', 'Waiting')).toBe(true);
  expect(queued('b', 'Pulling fs layer')).toBe(false);
  expect(queued('b', 'Download complete')).toBe(true);
  expect(queued('a', 'Downloading')).toBe(false);
});
