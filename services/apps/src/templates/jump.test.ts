import { describe, expect, test } from '@jest/globals';
import { assertJump } from './jump.ts';

const template = { id: 'wiki', revision: 7, update: { strategy: 'auto' as const, from: 5 } };
const written = (header: string) => ({ compose: `${header}\nservices: {}\n`, files: {} });

describe('an update', () => {
  test('from a revision that is too old is refused, and says which comes first', () => {
    expect(() => assertJump(template, written('x-cep: {revision: 4}'))).toThrow(
      'from revision 5 on, and the app is of revision 4',
    );
  });

  test.each([
    ['from one that is new enough', template, written('x-cep: {revision: 5}')],
    [
      'of a template that takes any',
      { ...template, update: undefined },
      written('x-cep: {revision: 1}'),
    ],
    ['from what does not say', template, written('name: wiki')],
    ['from what is not known', template, undefined],
  ])('%s is let through', (_, to, before) => {
    expect(() => assertJump(to as typeof template, before)).not.toThrow();
  });
});
