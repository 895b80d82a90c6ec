import { chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Account, run } from './account.ts';

const END_MS = 30_000;

interface Making {
  readonly folder: string;
  readonly programs: string;
  readonly account: Account;
  readonly password: string;
}

/**
 * Makes the database's data unless it is there: in a folder beside, which is then moved into place,
 * so that a kill leaves no half.
 */
export async function initialise({ folder, programs, account, password }: Making): Promise<void> {
  if (await exists(join(folder, 'data/PG_VERSION'))) return;
  const passwordFile = join(folder, 'initdb-password');
  const draft = join(folder, 'data.new');
  const { uid, gid = uid } = account;
  try {
    for (const left of [draft, passwordFile]) await rm(left, { recursive: true, force: true });
    await writeFile(passwordFile, password, { mode: 0o600, flag: 'wx' });
    await mkdir(draft, { mode: 0o700 });
    for (const given of [draft, passwordFile]) {
      if (uid !== undefined && gid !== undefined) await chown(given, uid, gid);
    }
    const options = ['--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
    const more = ['--locale=C.UTF-8', '--encoding=UTF8', '--data-checksums'];
    await run(join(programs, 'bin/initdb'), ['-D', draft, ...options, ...more], {
      cwd: folder,
      account,
    });
    await rename(draft, join(folder, 'data'));
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/** Stops the server whose number stands in the data's `postmaster.pid`, if it is really one of ours. */
export async function stopLeftover(data: string): Promise<void> {
  const lines = (await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  const pid = Number(lines[0]);
  if (!(pid > 1) || lines[1] !== data) return;
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  if (!command.includes('postgres') || !command.includes(data)) return;
  process.kill(pid, 'SIGINT');
  const deadline = Date.now() + END_MS;
  while (await exists(`/proc/${pid}`)) {
    if (Date.now() > deadline) throw new Error(`An old PostgreSQL (pid ${pid}) does not end.`);
    await sleep(20);
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
