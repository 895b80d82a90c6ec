import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { logFile } from './log-file.ts';

test('keeps two files of a bounded size, the last line in the first', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cep-log-'));
  const path = join(folder, 'log');
  const log = logFile(path, 200);

  for (let line = 0; line < 50; line += 1) log(`line ${line}`);

  expect(readdirSync(folder).toSorted()).toEqual(['log', 'log.1']);
  expect(statSync(path).size).toBeLessThanOrEqual(200);
  expect(readFileSync(path, 'utf8')).toContain('line 49');
  rmSync(folder, { recursive: true });
});
