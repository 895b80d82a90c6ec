import { expect, test } from '@jest/globals';
import { nextFree } from './next-free.ts';

test.each([
  { from: 6379, taken: [], next: 6379 },
  { from: 6379, taken: [6379, 6380], next: 6381 },
  { from: 6379, taken: [6379, 6381], next: 6380 },
  { from: 6379, taken: [7000], next: 6379 },
  { from: 65_535, taken: [65_535], next: undefined },
])('from $from with $taken taken it is $next', ({ from, taken, next }) => {
  expect(nextFree(from, taken)).toBe(next);
});
