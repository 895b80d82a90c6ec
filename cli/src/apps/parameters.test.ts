import { expect, test } from '@jest/globals';
import { parseParameters } from './parameters.ts';

test('a value may hold anything, the sign included, or nothing', () => {
  expect(parseParameters(['A=1', 'B=x=y', 'C='])).toEqual({ A: '1', B: 'x=y', C: '' });
});

test.each([['A'], ['=1'], ['A=1', 'A=2']])('refuses %s %s', (...settings) => {
  expect(() => parseParameters(settings)).toThrow(expect.objectContaining({ oclif: { exit: 2 } }));
});
