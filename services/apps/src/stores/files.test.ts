import { expect, test } from '@jest/globals';
import { assertModest, isWanted } from './files.ts';
import { readTree } from './from-git.ts';

test.each([
  ['apps/wiki/compose.yaml', true],
  ['wiki/README.md', true],
  ['index.json.sig', true],
  ['apps/wiki/../compose.yaml', false],
  ['../wiki/compose.yaml', false],
  ['apps/wiki/assets/compose.yaml', false],
  ['apps/Wiki/compose.yaml', false],
  ['.git/compose.yaml', false],
  ['compose.yaml', false],
])('%s is looked at: %s', (path, wanted) => {
  expect(isWanted(path)).toBe(wanted);
});

test.each([
  ['many files', Array.from({ length: 4001 }, () => ({ path: 'a/compose.yaml', bytes: 1 }))],
  ['a large file', [{ path: 'a/compose.yaml', bytes: 256 * 1024 + 1 }]],
  ['many bytes', Array.from({ length: 200 }, () => ({ path: 'a/README.md', bytes: 250_000 }))],
])('%s are too much', (_, files) => {
  expect(() => assertModest(files)).toThrow(expect.objectContaining({ code: 'store-unusable' }));
});

test('of a git tree only regular files count: no links, no submodules', () => {
  const list = [
    '100644 blob aaaa      12\tapps/wiki/compose.yaml',
    '100755 blob bbbb       3\tapps/wiki/README.md',
    '120000 blob cccc       9\tapps/link/compose.yaml',
    '160000 commit dddd       -\tapps/module/compose.yaml',
    '',
  ].join('\0');

  expect(readTree(list)).toEqual([
    { path: 'apps/wiki/compose.yaml', object: 'aaaa', bytes: 12 },
    { path: 'apps/wiki/README.md', object: 'bbbb', bytes: 3 },
  ]);
});
