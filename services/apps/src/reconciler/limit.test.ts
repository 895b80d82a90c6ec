import { expect, test } from '@jest/globals';
import { createLimits } from './limit.ts';

test('each key has places of its own', async () => {
  const limitOf = createLimits(1);
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const work = (name: string) => () => {
    begun.push(name);
    return new Promise<void>((resolve) => ends.push(resolve));
  };

  const all = [
    limitOf('slow')(work('first')),
    limitOf('slow')(work('second')),
    limitOf('fast')(work('other')),
  ];
  await Promise.resolve();

  expect(begun).toEqual(['first', 'other']);
  ends[0]?.();
  await all[0];
  expect(begun).toEqual(['first', 'other', 'second']);
  for (const end of ends) end();
  await Promise.all(all);
});
