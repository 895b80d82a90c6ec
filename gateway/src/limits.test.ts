import { expect, test } from '@jest/globals';
import { createLimits } from './limits.ts';

test('a party has so many requests under way, and a place again when one ends', () => {
  const { begin } = createLimits();
  const ends = Array.from({ length: 64 }, () => begin('alice'));
  const refusal = expect.objectContaining({ code: 'too-many-requests' });

  expect(() => begin('alice')).toThrow(refusal);
  begin('bob');
  ends[0]?.();
  begin('alice');
  expect(() => begin('alice')).toThrow(refusal);
});
