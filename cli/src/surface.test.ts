import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { makeManifest } from './manifest.ts';

const SNAPSHOT = new URL('../../tests/surface/cli.snapshot', import.meta.url);

/** With `UPDATE_SURFACE=1` the snapshot is written anew: read the difference before committing it. */
test('commands, arguments and flags change only on purpose', async () => {
  const { commands } = await makeManifest(import.meta.dirname);
  const surface = Object.entries(commands)
    .map(
      ([id, { args, flags }]) =>
        `${[...id.split(':'), ...names(args), ...names(flags, '--')].join(' ')}\n`,
    )
    .toSorted()
    .join('');
  if (process.env.UPDATE_SURFACE) writeFileSync(SNAPSHOT, surface);

  expect(surface).toBe(readFileSync(SNAPSHOT, 'utf8'));
});

test('every command has a summary, a description and an example', async () => {
  const { commands } = await makeManifest(import.meta.dirname);

  const lacking = Object.values(commands).filter(
    ({ summary, description, examples }) => !summary || !description || !examples?.length,
  );

  expect(lacking.map(({ id }) => id)).toEqual([]);
});

/** `app!` is required, `group…` may be repeated, `follow|f` has a short form. */
function names(things: Readonly<Record<string, Thing>>, prefix = ''): string[] {
  return Object.entries(things).map(
    ([name, { char, required, multiple }]) =>
      `${prefix}${name}${char ? `|${char}` : ''}${required ? '!' : ''}${multiple ? '…' : ''}`,
  );
}

interface Thing {
  readonly char?: string;
  readonly required?: boolean;
  readonly multiple?: boolean;
}
