import { expect, test } from '@jest/globals';
import { describeSchedule } from './describe.ts';

const schedule = {
  app: 'wiki',
  target: 'disk',
  keep: { last: 0, daily: 7, weekly: 4 },
  nextAt: '2026-01-02T03:30:00.000Z',
};

test.each([
  [{ dailyAt: '03:30' }, 'daily at 03:30 UTC'],
  [{ everyHours: 6 }, 'every 6 hours'],
])('a schedule of %j is shown as %s', (when, text) => {
  const shown = describeSchedule({ ...schedule, ...when });

  expect(shown).toContain(text);
  expect(shown).toContain('one for each of 7 days, one for each of 4 weeks');
});

test('one that keeps everything says so', () => {
  const keep = { last: 0, daily: 0, weekly: 0 };

  expect(describeSchedule({ ...schedule, everyHours: 1, keep })).toMatch(/Keeps: +all/);
});
