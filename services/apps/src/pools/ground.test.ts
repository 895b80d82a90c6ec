import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { flawOf, readSpots, type Spot } from './ground.ts';
import { wayTo } from './path.ts';

const PATH = '/srv/a/b';
const folder = (path: string): Spot => ({ path, owner: 0, mode: 0o755, kind: 'directory' });
const good = wayTo(PATH).map(folder);

test('lines are read as they are printed, and what is no such line is not', () => {
  expect(
    readSpots([
      '0 755 directory|/machine/',
      '0 1777 directory|/machine/tmp',
      '1000 777 symbolic link|/machine/tmp/a|b',
      'stat: cannot stat',
    ]),
  ).toEqual([
    { path: '/', owner: 0, mode: 0o755, kind: 'directory' },
    { path: '/tmp', owner: 0, mode: 0o1777, kind: 'directory' },
    { path: '/tmp/a|b', owner: 1000, mode: 0o777, kind: 'symbolic link' },
  ]);
});

test('ground of root’s own is good, whole or as far as it is there', () => {
  expect(flawOf(PATH, good)).toBeUndefined();
  expect(flawOf(PATH, good.slice(0, 2))).toBeUndefined();
  expect(flawOf(PATH, [])).toBeDefined();
});

test('one flaw anywhere on the way is enough, and nothing beside it matters', () => {
  const flaw = fc.oneof(
    fc.integer({ min: 1 }).map((owner) => ({ owner })),
    fc.constantFrom(0o777, 0o775, 0o757, 0o1777, 0o702, 0o720).map((mode) => ({ mode })),
    fc.constantFrom('symbolic link', 'regular file', 'socket').map((kind) => ({ kind })),
  );
  fc.assert(
    fc.property(fc.nat(good.length - 1), flaw, (at, change) => {
      const spots = good.map((spot, index) => (index === at ? { ...spot, ...change } : spot));
      expect(flawOf(PATH, spots)).toContain(good[at]?.path ?? '');
      const beside = { ...folder('/srv/beside'), ...change };
      expect(flawOf(PATH, [...good, beside])).toBeUndefined();
    }),
  );
});
