import { Problem } from '@cep/contracts/problems';
import { expect, test } from '@jest/globals';
import { pauseAfter } from './backoff.ts';

const lost = new Problem('unavailable', 'lost');

test.each([
  [1, 0, 250],
  [1, 1, 500],
  [2, 1, 1_000],
  [7, 1, 30_000],
  [2_000, 1, 30_000],
])('after %i failures, with luck %i, the next try is in %i ms', (failures, random, ms) => {
  expect(pauseAfter(lost, failures, random)).toBe(ms);
});

test('another agent for the same host is left alone for minutes', () => {
  const elsewhere = new Problem('connected-elsewhere', 'another');

  expect(pauseAfter(elsewhere, 1, 0)).toBeGreaterThan(60_000);
});
