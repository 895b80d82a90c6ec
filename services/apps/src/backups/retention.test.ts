import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { expired } from './retention.ts';
import { nextAt } from './when.ts';

const at = (text: string) => ({ created_at: new Date(`2026-01-${text}:00Z`) });
/** Newest first; the 12th was a Monday. */
const all = [
  '14T12:00',
  '14T06:00',
  '13T12:00',
  '12T12:00',
  '11T12:00',
  '05T12:00',
  '04T12:00',
].map(at);
const kept = (keep: Partial<Parameters<typeof expired>[1]>) => {
  const gone = expired(all, { last: 0, daily: 0, weekly: 0, ...keep });
  return all.filter((each) => !gone.includes(each)).map((each) => all.indexOf(each));
};

test.each([
  [{}, [0, 1, 2, 3, 4, 5, 6]],
  [{ last: 2 }, [0, 1]],
  [{ daily: 3 }, [0, 2, 3]],
  [{ weekly: 2 }, [0, 4]],
  [{ weekly: 3 }, [0, 4, 6]],
  [{ last: 1, daily: 2, weekly: 9 }, [0, 2, 4, 6]],
])('%j keeps %j', (keep, numbers) => {
  expect(kept(keep)).toEqual(numbers);
});

test('the newest always stays, and nothing goes that more would keep', () => {
  const times = fc.array(fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }));
  const keep = fc.record({ last: fc.nat(5), daily: fc.nat(5), weekly: fc.nat(5) });
  fc.assert(
    fc.property(times, keep, (dates, wish) => {
      const backups = dates
        .toSorted((a, b) => b.getTime() - a.getTime())
        .map((created_at) => ({ created_at }));
      const gone = expired(backups, wish);
      expect(gone).not.toContain(backups[0]);
      const more = expired(backups, { ...wish, last: wish.last + 1 });
      if (gone.length > 0) expect(more.every((each) => gone.includes(each))).toBe(true);
    }),
  );
});

const now = new Date('2026-01-14T12:00:00Z');
test.each([
  [{ every_hours: 6, daily_at: null }, '2026-01-14T18:00:00.000Z'],
  [{ every_hours: null, daily_at: '12:01' }, '2026-01-14T12:01:00.000Z'],
  [{ every_hours: null, daily_at: '12:00' }, '2026-01-15T12:00:00.000Z'],
  [{ every_hours: null, daily_at: '03:30' }, '2026-01-15T03:30:00.000Z'],
])('after noon %j is due at %s', (when, next) => {
  expect(nextAt(when, now).toISOString()).toBe(next);
});
