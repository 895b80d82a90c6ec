/** What is escaped is read by the programs that read such files, and has to come back as it was. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse as parseToml } from 'smol-toml';
import { parse as parseYaml } from 'yaml';
import { escaped } from './escape.ts';

/** Any text that a parameter takes, and more often than by chance what means something somewhere. */
const text = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.constantFrom(
        '"',
        "'",
        '\\',
        '$',
        '${A}',
        '$(id)',
        '`id`',
        '\n',
        '\r\n',
        '\t',
        '#',
        ': ',
        '- ',
        '%',
        '!',
      ),
      fc.constantFrom(
        '\u007F',
        '\u0085',
        '\u2028',
        '\uFEFF',
        '\uFFFE',
        '\uFDD0',
        '\u0001',
        '😀',
        ' ',
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join('').replace(/\0|\p{Surrogate}/gu, ''));

test.each([
  ['json', (quoted: string) => JSON.parse(`{"a": ${quoted}}`)],
  ['yaml', (quoted: string) => parseYaml(`a: ${quoted}\n`)],
  ['toml', (quoted: string) => parseToml(`a = ${quoted}\n`)],
] as const)('a value in a %s file is what was given', (format, parse) => {
  fc.assert(
    fc.property(text, (value) => {
      expect({ ...parse(`"${escaped(value, format)}"`) }).toEqual({ a: value });
    }),
    { numRuns: 1000 },
  );
});

test('values in an env file are what was given, to the shell', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cep-escape-'));
  const file = join(folder, 'env');
  try {
    const values = fc.sample(text, 500);
    const lines = values.map((value, index) => `V${index}="${escaped(value, 'env')}"\n`);
    await writeFile(file, lines.join(''));
    const names = values.map((_, index) => `"$V${index}"`).join(' ');
    const script = `. "$0"; printf '%s\\0' ${names}`;

    const { stdout } = await promisify(execFile)('sh', ['-c', script, file]);

    expect(stdout.split('\0').slice(0, -1)).toEqual(values);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('what stands in no quotes is not touched', () => {
  expect(escaped('a"\\$`\n', 'none')).toBe('a"\\$`\n');
});
