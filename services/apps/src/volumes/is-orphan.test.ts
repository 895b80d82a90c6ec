import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isOrphan } from './is-orphan.ts';

const NOW = Date.parse('2026-06-01T00:00:00Z');
const ago = (days: number) => new Date(NOW - days * 86_400_000).toISOString();

test('a volume is one when it has waited so long, whatever it was made for', () => {
  const kept = { state: 'kept' as const, releasedAt: ago(30), createdAt: ago(400) };
  expect(isOrphan(kept, 30, NOW)).toBe(true);
  expect(isOrphan(kept, 31, NOW)).toBe(false);
  expect(isOrphan({ ...kept, state: 'leaving' }, 30, NOW)).toBe(true);
  expect(isOrphan({ ...kept, releasedAt: null }, 400, NOW)).toBe(true);
  expect(isOrphan({ ...kept, releasedAt: null, createdAt: null }, 0, NOW)).toBe(false);
});

test('what is used is none, however old', () => {
  fc.assert(
    fc.property(fc.nat(10_000), fc.nat(10_000), (age, days) => {
      const used = { state: 'used' as const, releasedAt: ago(age), createdAt: ago(age) };
      expect(isOrphan(used, days, NOW)).toBe(false);
      expect(isOrphan({ ...used, state: 'kept' }, days, NOW)).toBe(age >= days);
    }),
  );
});
