import { expect, test } from '@jest/globals';
import { size } from './describe.ts';

test.each([
  [null, '-'],
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.0 kB'],
  [12_345_678, '12.3 MB'],
  [5e15, '5000.0 TB'],
])('%p bytes are shown as %s', (bytes, text) => {
  expect(size(bytes)).toBe(text);
});
