import { Problem } from '@cep/contracts/problems';
import { expect, test } from '@jest/globals';
import { becauseOf } from './next-step.ts';

const laptop = { network: 'home', host: 'laptop' };

test.each(['not-signed-in', 'host-revoked'] as const)('%s says how to begin anew', (code) => {
  const words = becauseOf(new Problem(code, 'It was deleted.'), laptop);

  expect(words).toMatch(/^It was deleted\. .*disconnect home laptop --forget.*connect home laptop/);
});

test('whatever passes by itself is only said', () => {
  expect(becauseOf(new Problem('unavailable', 'It is not reached.'), laptop)).toBe(
    'It is not reached.',
  );
  expect(becauseOf(new Error('It ended.'), laptop)).toBe('It ended.');
});
