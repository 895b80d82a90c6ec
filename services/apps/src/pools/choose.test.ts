import { expect, test } from '@jest/globals';
import { choosePools, onlyOf } from './choose.ts';

const uses = { data: { class: 'data' as const, retain: true, pool: 'bulk' } };
const all = ['data', 'cache'];

test('a volume goes where it is wanted, else where the others are, else where its template says', () => {
  expect([...choosePools(all, { data: 'fast', '*': 'slow' }, uses)]).toEqual([
    ['data', 'fast'],
    ['cache', 'slow'],
  ]);
  expect([...choosePools(all, { cache: 'fast' }, uses)]).toEqual([
    ['data', 'bulk'],
    ['cache', 'fast'],
  ]);
  expect([...choosePools(all)]).toEqual([]);
});

test('names that every object has are names of volumes like any other', () => {
  expect([...choosePools(['constructor'], {})]).toEqual([]);
  expect([...choosePools(['constructor'], { constructor: 'fast' })]).toEqual([
    ['constructor', 'fast'],
  ]);
});

test('a wish for a volume that there is not is refused, unless it is left out before', () => {
  const wish = { gone: 'fast', '*': 'slow' };
  expect(() => choosePools(all, wish)).toThrow(
    expect.objectContaining({ code: 'invalid-request' }),
  );
  expect(onlyOf(wish, all)).toEqual({ '*': 'slow' });
});
