import { existsSync } from 'node:fs';
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CACHE } from './cache.ts';
import { run } from './commands.ts';

/** A package file that a suite offers now. */
export interface Offered {
  readonly file: string;
  readonly sha256: string;
}

/** Packages of one Debian suite, whatever suite this machine runs, without touching its own apt. */
export interface SuiteSource {
  readonly suite: string;
  /** The files of these packages and of all they depend on, as if nothing were installed. */
  closure(packages: readonly string[]): Promise<Offered[]>;
  /** Downloads one package as offered now and returns the path of its file. */
  download(name: string, folder: string): Promise<string>;
  /** Downloads these packages and all they depend on into `folder`. */
  downloadClosure(packages: readonly string[], folder: string): Promise<void>;
}

/**
 * Reads a suite's package lists from the mirror that this machine's own Debian source names.
 *
 * @throws with a sentence when the machine has no Debian source
 */
export async function suiteSource(suite: string): Promise<SuiteSource> {
  const folder = join(CACHE, 'suites', suite);
  await mkdir(join(folder, 'lists/partial'), { recursive: true });
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
  const line = `deb [signed-by=${keyring}] ${await debianMirror()} ${suite} main\n`;
  await writeFile(join(folder, 'sources.list'), line);
  await writeFile(join(folder, 'nothing-installed'), '');
  const options = [
    `Dir::Etc::sourcelist=${join(folder, 'sources.list')}`,
    'Dir::Etc::sourceparts=-',
    `Dir::State::Lists=${join(folder, 'lists')}`,
    'Dir::Cache::pkgcache=',
    'Dir::Cache::srcpkgcache=',
    'APT::Sandbox::User=root',
    'Acquire::Retries=3',
  ].flatMap((option) => ['-o', option]);
  await run('apt-get', '-q', ...options, 'update');
  const resolve = (archives: string, ...args: string[]) =>
    run(
      'apt-get',
      '-qq',
      '--no-install-recommends',
      ...options,
      '-o',
      `Dir::State::status=${join(folder, 'nothing-installed')}`,
      '-o',
      `Dir::Cache::archives=${archives}`,
      ...args,
    );
  return {
    suite,
    async closure(packages) {
      const none = join(folder, 'no-archives/');
      return parseOffers(await resolve(none, '--print-uris', 'install', ...packages));
    },
    async download(name, into) {
      const offer = await run('apt-get', '-qq', ...options, '--print-uris', 'download', name);
      const [offered] = parseOffers(offer);
      if (!offered) throw new Error(`Debian ${suite} has no package ${name}`);
      await run(
        'sh',
        '-c',
        'cd "$1" && shift && exec apt-get -qq "$@"',
        'sh',
        into,
        ...options,
        'download',
        name,
      );
      return join(into, offered.file);
    },
    async downloadClosure(packages, into) {
      await mkdir(join(into, 'partial'), { recursive: true });
      await resolve(into, '--download-only', '--yes', 'install', ...packages);
    },
  };
}

/** Unpacks a package file into a new folder, which appears only once it is whole. */
export async function unpack(file: string, folder: string): Promise<void> {
  if (existsSync(folder)) return;
  const partial = `${folder}.partial-${process.pid}`;
  await mkdir(partial, { recursive: true });
  await run('dpkg', '-x', file, partial);
  await chmod(partial, 0o755);
  await rename(partial, folder).catch(() => rm(partial, { recursive: true }));
}

/** Lines of `apt-get --print-uris`: `'URI' FILE SIZE SHA256:HEX`. */
function parseOffers(lines: string): Offered[] {
  return lines
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [, file = '', , checksum = ''] = line.split(' ');
      return file ? [{ file, sha256: checksum.replace('SHA256:', '') }] : [];
    });
}

async function debianMirror(): Promise<string> {
  const format = '$(ORIGIN) $(COMPONENT) $(CODENAME) $(REPO_URI)';
  const targets = await run('apt-get', 'indextargets', '--format', format, 'Created-By: Packages');
  const own = targets.split('\n').map((line) => line.split(' '));
  const main = own.find(
    ([origin, component, codename = '-']) =>
      origin === 'Debian' && component === 'main' && !codename.includes('-'),
  );
  if (!main?.[3])
    throw new Error('This machine has no Debian package source to take packages from.');
  return main[3];
}
