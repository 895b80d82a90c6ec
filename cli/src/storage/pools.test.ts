import { expect, test } from '@jest/globals';
import { parsePools } from './pools.ts';

test('pools are read: for all volumes, and for some', () => {
  expect(parsePools([])).toEqual({});
  expect(parsePools(['fast', 'media=bulk'])).toEqual({ pools: { '*': 'fast', media: 'bulk' } });
});

test.each([[['=fast']], [['media=']], [['']], [['a', 'b']], [['media=a', 'media=b']]])(
  '%j is refused',
  (given) => {
    expect(() => parsePools(given)).toThrow(/--pool/);
  },
);
