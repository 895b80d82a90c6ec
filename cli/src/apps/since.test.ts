import { expect, test } from '@jest/globals';
import { parseSince } from './since.ts';

const now = new Date('2026-01-31T12:00:00Z');

test.each([
  ['90s', '2026-01-31T11:58:30.000Z'],
  ['2h', '2026-01-31T10:00:00.000Z'],
  ['1d', '2026-01-30T12:00:00.000Z'],
  ['2026-01-30T08:00:00Z', '2026-01-30T08:00:00.000Z'],
])('since %s is %s', (text, time) => {
  expect(parseSince(text, now)).toBe(time);
});

test.each(['yesterday', '10', '-5m', '2026-13-01', ''])('"%s" is no time', (text) => {
  expect(() => parseSince(text, now)).toThrow('--since takes');
});
