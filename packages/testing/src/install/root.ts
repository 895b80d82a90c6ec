import { chown, copyFile, cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './commands.ts';
import type { Recipe } from './recipes.ts';

/** Files of our own, laid over each image's packages. */
const OVERLAYS = fileURLToPath(new URL('../../images', import.meta.url));

/** What packages bring for their installation or their readers, which no container misses. */
const NEEDLESS_PACKAGES =
  /^(adduser|debconf|dpkg|gcc-12-base|init-system-helpers|iproute2|lib.*-perl|libbpf1|libelf1|libllvm.*|libpam-modules.*|libpam-runtime|libperl.*|libpython3.*-dev|libz3.*|locales|libc-l10n|lsb-base|passwd|perl.*|readline-common|ssl-cert|sysvinit-utils|tar|ucf|usrmerge|openssl)_/;
const NEEDLESS_FOLDERS = ['doc', 'info', 'lintian', 'locale', 'man', 'bug', 'doc-base'].map(
  (name) => `usr/share/${name}`,
);

const NOBODY = 65_534;

/** Package files that belong into an image. */
export function isNeeded(file: string): boolean {
  return !NEEDLESS_PACKAGES.test(file);
}

/** Unpacks package files into one root, in which `bin`, `lib` and `sbin` are links into `usr`. */
export async function unpackRoot(root: string, files: readonly string[]): Promise<void> {
  for (const name of ['bin', 'lib', 'sbin']) {
    await mkdir(join(root, 'usr', name), { recursive: true });
    await symlink(`usr/${name}`, join(root, name));
  }
  await mkdir(join(root, 'usr/lib64'));
  await symlink('usr/lib64', join(root, 'lib64'));
  const script = 'dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink -C "$2"';
  for (const file of files) await run('bash', '-o', 'pipefail', '-c', script, 'bash', file, root);
  const needless = [...NEEDLESS_FOLDERS, 'usr/lib/postgresql/15/lib/bitcode'];
  for (const name of needless) await rm(join(root, name), { recursive: true, force: true });
}

/** What makes a base root usable: busybox under the names of its programs, users, a `/tmp`. */
export async function furnishBase(root: string): Promise<void> {
  const busybox = join(root, 'usr/bin/busybox');
  for (const name of (await run(busybox, '--list')).trim().split('\n')) {
    if (name !== 'busybox') await symlink('busybox', join(root, 'usr/bin', name));
  }
  await run('install', '-d', '-m', '1777', join(root, 'tmp'), join(root, 'var/tmp'));
  for (const name of ['etc', 'proc', 'sys', 'dev', 'run']) {
    await mkdir(join(root, name), { recursive: true });
  }
  await mkdir(join(root, 'root'), { mode: 0o700 });
  await rm(join(root, 'var/run'), { recursive: true, force: true });
  await symlink('/run', join(root, 'var/run'));
  await writeUsers(root, {});
  await writeFile(
    join(root, 'etc/nsswitch.conf'),
    'passwd: files\ngroup: files\nhosts: files dns\n',
  );
}

/** What a recipe lays over its packages. */
export async function furnish(root: string, recipe: Recipe): Promise<void> {
  const users = recipe.users ?? {};
  await mkdir(join(root, 'etc'), { recursive: true });
  await writeUsers(root, users);
  await cp(join(OVERLAYS, recipe.name), root, { recursive: true }).catch(ignoreMissing);
  for (const [path, target] of Object.entries(recipe.links ?? {})) {
    await mkdir(join(root, dirname(path)), { recursive: true });
    await symlink(target, join(root, path));
  }
  for (const [path, program] of Object.entries(recipe.programs ?? {})) {
    await mkdir(join(root, dirname(path)), { recursive: true });
    await copyFile(program, join(root, path));
  }
  if (recipe.npm) await addPackages(join(root, recipe.npm.folder), recipe.npm.packages);
  for (const [path, owner] of Object.entries(recipe.folders ?? {})) {
    await mkdir(join(root, path), { recursive: true });
    const id = owner === 'nobody' ? NOBODY : (users[owner] ?? 0);
    await chown(join(root, path), id, id);
  }
}

/** None of their scripts is run: what they would compile or download, nothing here needs. */
async function addPackages(folder: string, packages: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const quiet = ['--omit=dev', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund'];
  await run('npm', 'install', '--prefix', folder, ...quiet, ...packages);
}

async function writeUsers(root: string, users: Readonly<Record<string, number>>): Promise<void> {
  const all = Object.entries({ root: 0, ...users });
  const passwd = [...all, ['nobody', NOBODY] as const].map(
    ([name, id]) => `${name}:x:${id}:${id}:${name}:/:/bin/sh\n`,
  );
  const group = [...all, ['nogroup', 65_534] as const].map(([name, id]) => `${name}:x:${id}:\n`);
  await writeFile(join(root, 'etc/passwd'), passwd.join(''));
  await writeFile(join(root, 'etc/group'), group.join(''));
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
}
