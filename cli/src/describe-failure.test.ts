import { Problem, type ProblemCode } from '@cep/contracts/problems';
import { describe, expect, test } from '@jest/globals';
import { describeFailure } from './describe-failure.ts';
import { failure, wrongUsage } from './failure.ts';

describe('a failure ends with', () => {
  test.each<[ProblemCode, number]>([
    ['not-signed-in', 3],
    ['wrong-credentials', 3],
    ['forbidden', 4],
    ['name-taken', 4],
    ['invalid-request', 4],
    ['unavailable', 5],
    ['internal', 1],
  ])('%s: %i', (code, exit) => {
    const described = describeFailure(new Problem(code, 'A sentence.'));

    expect(described).toMatchObject({ exit, sentence: 'A sentence.', document: { code } });
  });

  test.each([
    ['body/cidr 8.8.0.0/16 is not private.', '--cidr 8.8.0.0/16 is not private.'],
    ['body/groups/0 is not valid.', '--group is not valid.'],
    ['body/name is not valid.', 'The name is not valid.'],
    ['The code is not good.', 'The code is not good.'],
  ])('words that people have typed: %s', (message, sentence) => {
    expect(describeFailure(new Problem('invalid-request', message))).toMatchObject({ sentence });
  });

  test('1 for what failed here, 2 for wrong usage, 1 for a defect', () => {
    expect(describeFailure(failure('No nebula.'))).toMatchObject({ exit: 1 });
    expect(describeFailure(wrongUsage('Not so.'))).toMatchObject({ exit: 2 });
    expect(describeFailure(new TypeError('x of undefined'))).toMatchObject({
      exit: 1,
      document: { code: 'internal' },
    });
  });
});
