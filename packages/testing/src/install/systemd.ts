import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unpacked } from './cache.ts';
import { run } from './commands.ts';
import { unpackRoot } from './root.ts';
import type { SuiteSource } from './suites.ts';

/** Of one build. Installed, systemd-resolved would take over the resolver of this very machine. */
const PACKAGES = ['systemd', 'libsystemd-shared', 'systemd-resolved'];

/** A `/usr` to lay over this machine's, from the same suite: for machines that a test boots. */
export const SYSTEMD = unpacked('systemd', 'own');

/** Unpacks systemd into the cache unless it lies there. */
export async function unpackSystemd(
  source: (suite: string) => Promise<SuiteSource>,
): Promise<void> {
  if (existsSync(SYSTEMD)) return;
  const suite = (await run('sh', '-c', '. /etc/os-release && echo $VERSION_CODENAME')).trim();
  const downloads = await mkdtemp(join(tmpdir(), 'cep-download-'));
  const partial = `${SYSTEMD}.partial-${process.pid}`;
  try {
    const files: string[] = [];
    for (const name of PACKAGES) files.push(await (await source(suite)).download(name, downloads));
    await unpackRoot(partial, files);
    await rename(partial, SYSTEMD);
  } finally {
    await rm(downloads, { recursive: true });
    await rm(partial, { recursive: true, force: true });
  }
}
