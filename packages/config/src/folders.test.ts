import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { makeFolders } from './folders.ts';

const root = mkdtempSync(join(tmpdir(), 'folders-'));
afterAll(() => rmSync(root, { recursive: true }));

test('makes what is missing, for the owner alone, and may be repeated', () => {
  const path = join(root, 'a/b/c');

  makeFolders(path);
  makeFolders(path);

  for (const each of ['a', 'a/b', 'a/b/c']) {
    expect(statSync(join(root, each)).mode & 0o777).toBe(0o700);
  }
});

test('fails where nothing can be made', () => {
  writeFileSync(join(root, 'file'), '');

  expect(() => makeFolders('/proc/x/y')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  expect(() => makeFolders(join(root, 'file/x'))).toThrow(
    expect.objectContaining({ code: 'ENOTDIR' }),
  );
});
