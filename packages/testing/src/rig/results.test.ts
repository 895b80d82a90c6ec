import { expect, test } from '@jest/globals';
import { closingLine, describeUnsteady } from './report.ts';
import { add, NONE, readResults } from './results.ts';

const file = (name: string, ...statuses: string[]) => ({
  name,
  status: statuses.includes('failed') ? 'failed' : 'passed',
  assertionResults: statuses.map((status) => ({ status })),
});
const written = (...testResults: object[]) => JSON.stringify({ testResults });

test('counts tests, and names the files with a failure', () => {
  const text = written(file('/a', 'passed', 'pending'), file('/b', 'failed', 'passed', 'failed'));

  expect(readResults(text, 1)).toEqual({
    counts: { passed: 2, failed: 2, skipped: 1, unsteady: [] },
    failedFiles: ['/b'],
    elsewhere: { passed: 1, failed: 0, skipped: 1, unsteady: [] },
  });
});

test('counts a file that could not be loaded as a failure', () => {
  const text = written({ ...file('/a'), status: 'failed' });

  expect(readResults(text, 1)).toMatchObject({ counts: { failed: 1 }, failedFiles: ['/a'] });
});

test.each([
  ['that wrote nothing', undefined],
  ['whose tests all passed', written(file('/a', 'passed'))],
])('a run %s and ended badly is a failure, which no file answers for', (_, text) => {
  expect(readResults(text, 1)).toMatchObject({ counts: { failed: 1 }, failedFiles: [] });
});

test('what needed a second try is said aloud', () => {
  const counts = add({ ...NONE, passed: 1 }, { ...NONE, passed: 2, unsteady: ['/a'] });

  expect(describeUnsteady(counts)).toMatch(/^!!! UNSTEADY: \/a failed/);
  expect(closingLine(counts)).toBe('3 passed, 0 failed, 0 skipped\n');
});
