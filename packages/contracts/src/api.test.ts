import { globSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { api } from './api.ts';

test('has every endpoint that there is a contract for: the gateway forwards no other', async () => {
  const files = globSync('*.ts', { cwd: import.meta.dirname, exclude: ['*.test.ts', 'api.ts'] });
  const modules = await Promise.all(files.map((file) => import(`./${file}`)));

  const endpoints = modules.flatMap((module) =>
    Object.entries<object>(module).filter(
      ([, value]) => typeof value === 'object' && 'method' in value && 'path' in value,
    ),
  );

  expect(endpoints.length).toBeGreaterThan(50);
  expect(Object.keys(api).toSorted()).toEqual(endpoints.map(([name]) => name).toSorted());
});
