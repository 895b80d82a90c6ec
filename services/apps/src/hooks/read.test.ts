import { describe, expect, test } from '@jest/globals';
import { bareService } from '../compose/service.fixture.ts';
import type { XCep } from '../templates/x-cep.ts';
import { readHooks } from './read.ts';

const hook = {
  service: 'web',
  command: ['migrate', '$WORD'],
  environment: { WORD: '${WORD}' },
  timeout: '1m',
  onFailure: 'abort' as const,
};
const read = (hooks: NonNullable<XCep['hooks']>) =>
  readHooks({ hooks }, [bareService()], (name) => (name === 'WORD' ? 'one' : undefined));

describe('hooks', () => {
  test('have values in their environment, and never in what is run', () => {
    expect(read({ postUpdate: { ...hook, onFailure: 'warn' }, postInstall: hook })).toEqual(
      [
        {
          ...hook,
          phase: 'postInstall',
          environment: { WORD: 'one' },
          timeout: 60_000,
          isVital: true,
        },
        {
          ...hook,
          phase: 'postUpdate',
          environment: { WORD: 'one' },
          timeout: 60_000,
          isVital: false,
        },
      ].map(({ onFailure: _, ...each }) => each),
    );
  });

  test.each([
    [{ preDeploy: hook }, 'preDeploy is not run: nothing runs yet'],
    [{ preDestroy: hook }, 'preDestroy must have onFailure: warn: an app can always be destroyed'],
    [{ postInstall: { ...hook, service: 'db' } }, 'is for "db", which is no service'],
  ])('are refused that could not be run', (hooks, why) => {
    expect(() => read(hooks)).toThrow(why);
  });
});
