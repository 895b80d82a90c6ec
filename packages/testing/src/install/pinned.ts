import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './commands.ts';
import { folderOf, type Pin } from './pins.ts';
import { type SuiteSource, unpack } from './suites.ts';

/**
 * Unpacks a pinned package into the cache unless it lies there.
 *
 * @throws with a sentence that says which version the suite has now, when it is another
 */
export async function installPinned(
  pin: Pin,
  source: (suite: string) => Promise<SuiteSource>,
): Promise<void> {
  const folder = folderOf(pin);
  if (existsSync(folder)) return;
  const architecture = (await run('dpkg', '--print-architecture')).trim();
  const wanted = pin.sha256[architecture];
  if (!wanted) throw new Error(`No build of ${pin.name} for ${architecture} was tried yet.`);
  const downloads = await mkdtemp(join(tmpdir(), 'cep-download-'));
  try {
    const file = await (await source(pin.suite)).download(pin.name, downloads);
    const found = createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
    if (found !== wanted) {
      const now = (await run('dpkg-deb', '--field', file, 'Version')).trim();
      throw new Error(
        `Debian ${pin.suite} has ${pin.name} ${now} now; the tests know ${pin.version}. ` +
          'Try them with it, then pin its checksum in packages/testing/src/install/pins.ts.',
      );
    }
    await unpack(file, folder);
  } finally {
    await rm(downloads, { recursive: true });
  }
}
