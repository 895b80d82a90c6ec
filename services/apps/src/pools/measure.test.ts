import { expect, test } from '@jest/globals';
import { readMeasure } from './measure.ts';

test.each([
  '/dev/sda1            1000      900       100  90% /pool',
  'tank/with space 1000 900 100 90% /pool',
  'overlay 1000 900 100 90% /',
])('space and sizes are read: %s', (space) => {
  const { sizes, ...whole } = readMeasure([space, '12\tcep-a-data', '0\tcep-b-data', 'du: x']);

  expect(whole).toEqual({ totalBytes: 1_024_000, freeBytes: 102_400 });
  expect([...sizes]).toEqual([
    ['cep-a-data', 12_288],
    ['cep-b-data', 0],
  ]);
});

test('nothing is made up where the space was not said', () => {
  expect(() => readMeasure([])).toThrow(/space/);
  expect(() => readMeasure(['df: not found'])).toThrow(/space/);
});
