import type { Operation } from '@cep/contracts/operations';
import { describe, expect, test } from '@jest/globals';
import { progressLine, progressOn } from './progress.ts';

const pull = (image: string, doneBytes: number, totalBytes: number) => ({
  image,
  doneBytes,
  totalBytes,
});
const operation = (step: string, ...pulls: Operation['pulls']) => ({ step, pulls }) as Operation;

describe('the line of progress', () => {
  test.each([
    [
      'bytes of the image being pulled',
      [pull('redis:7', 12_300_000, 40_100_000)],
      'redis:7  12.3/40.1 MB  30%',
    ],
    ['how many wait', [pull('a', 1, 2e6), pull('b', 0, 0)], 'a  0.0/2.0 MB  0%  (+1 more)'],
    ['that the size is not known yet', [pull('a', 0, 0)], 'a  waiting'],
    ['the step once all are pulled', [pull('a', 5, 5)], 'starting'],
  ])('tells %s', (_, pulls, line) => {
    expect(progressLine({ step: 'starting', pulls })).toBe(line);
  });
});

function screen(isTTY: boolean) {
  const written: string[] = [];
  return {
    written,
    progress: progressOn({ isTTY, columns: 40, write: (text) => written.push(text) }),
  };
}

test('a terminal has one line that is redrawn, never wider than it', () => {
  const { written, progress } = screen(true);

  progress.show(operation('x'.repeat(100)));
  progress.show(operation('starting'));
  progress.clear();

  expect(written).toEqual([`\r${'x'.repeat(39)}\x1b[K`, '\rstarting\x1b[K', '\r\x1b[K']);
});

test('elsewhere there is a line per image and step, not per byte', () => {
  const { written, progress } = screen(false);

  progress.show(operation('pulling', pull('redis:7', 1, 40_100_000)));
  progress.show(operation('pulling', pull('redis:7', 2, 40_100_000)));
  progress.show(operation('starting', pull('redis:7', 40_100_000, 40_100_000)));
  progress.clear();

  expect(written).toEqual(['pulling redis:7 (40.1 MB)\n', 'starting\n']);
});
