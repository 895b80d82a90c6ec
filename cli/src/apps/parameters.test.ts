import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseParameters } from './parameters.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cep-parameters-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('a value may hold anything, the sign included, or nothing', async () => {
  expect(await parseParameters(['A=1', 'B=x=y', 'C=', 'D=a@b'])).toEqual({
    ...{ A: '1', B: 'x=y', C: '', D: 'a@b' },
  });
});

test('a value is what a file has, to the last byte; two signs are one', async () => {
  const path = join(folder, 'notes.txt');
  await writeFile(path, 'ü $x\n\n');

  expect(await parseParameters([`A=@${path}`, 'B=@@home'])).toEqual({ A: 'ü $x\n\n', B: '@home' });
});

test('a file that is not there, or is no text, is refused by name', async () => {
  const path = join(folder, 'picture');
  await writeFile(path, Buffer.from([0xff, 0xd8]));

  await expect(parseParameters(['A=@/no/such/file'])).rejects.toThrow(
    /^\/no\/such\/file cannot be read.* A value that begins with @ is written with two/,
  );
  await expect(parseParameters([`A=@${path}`])).rejects.toThrow(`${path} is not text.`);
});

test.each([['A'], ['=1'], ['A=1', 'A=2']])('refuses %s %s', async (...settings) => {
  await expect(parseParameters(settings)).rejects.toMatchObject({ oclif: { exit: 2 } });
});
