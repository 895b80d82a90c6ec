/**
 * The database of the standalone: the real PostgreSQL server, as it comes from npm, with its data
 * below the home and reachable on loopback alone.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@cep/config/free-port';
import pg from 'pg';
import { type Account, run, unprivilegedAccount } from './account.ts';
import { initialise, stopLeftover } from './postgres-data.ts';
import { findPrograms } from './postgres-programs.ts';

interface Postgres {
  /** With the superuser and the database `cep`. */
  readonly adminUrl: string;
  /** Rejects when the server ends without having been told to. */
  readonly ended: Promise<never>;
  /** Ends it with a checkpoint; no later start needs to recover. */
  stop(): Promise<void>;
}

/** Small, as for a home server; what a bigger one wants is a PostgreSQL of its own, by the stack. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '60',
  shared_buffers: '32MB',
  jit: 'off',
  logging_collector: 'off',
  log_timezone: 'UTC',
  timezone: 'UTC',
};

const READY_MS = 30_000;

/**
 * Starts the server on a free port; the first time, makes its data. A server that a killed process
 * left behind on the same data is stopped first.
 *
 * @param folder    made when it is not there
 * @param password  of the superuser; the same at each start
 * @throws {Error} with the end of its log when it does not come up
 */
export async function startPostgres(folder: string, password: string): Promise<Postgres> {
  const account = await unprivilegedAccount();
  await prepare(folder, account);
  const programs = await findPrograms(folder, account);
  await stopLeftover(join(folder, 'data'));
  await initialise({ folder, programs, account, password });

  const port = await freePort();
  const server = await launch(join(programs, 'bin/postgres'), folder, account, port);
  const exited = once(server, 'exit');
  const ended = exited.then(async () => {
    throw new Error(`PostgreSQL ended: ${await logTail(folder)}`);
  });
  ended.catch(() => {});
  const url = (database: string) =>
    `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
  await Promise.race([createDatabase(url('postgres')), ended]);
  return {
    adminUrl: url('cep'),
    ended,
    async stop() {
      server.kill('SIGINT');
      await exited;
    },
  };
}

/** The account has the data and nothing else: where root writes, it could put a link in the way. */
async function prepare(folder: string, account: Account): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (account.uid === undefined) return;
  await chown(folder, 0, 0);
  await chmod(folder, 0o711);
  await run('test', ['-d', join(folder, '.')], { cwd: '/', account }).catch((cause) => {
    const sentence = `PostgreSQL runs as an account that cannot enter ${folder}; set CEP_HOME to a folder that others may enter, such as /var/lib/cep.`;
    throw new Error(sentence, { cause });
  });
}

async function launch(program: string, folder: string, account: Account, port: number) {
  const logFile = join(folder, 'postgres.log');
  await rm(logFile, { force: true });
  const log = await open(logFile, 'wx', 0o600);
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const args = ['-D', join(folder, 'data'), '-p', String(port), ...settings];
  // A group of its own, so that Ctrl-C reaches us first and the services can finish their work.
  const stdio = ['ignore', log.fd, log.fd] as const;
  const server = spawn(program, args, {
    cwd: folder,
    detached: true,
    stdio: [...stdio],
    ...account,
  });
  await log.close();
  return server;
}

/** Waits until the server takes connections, and makes the database `cep`. */
async function createDatabase(url: string): Promise<void> {
  const deadline = Date.now() + READY_MS;
  for (;;) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    try {
      await client.connect();
      const { rowCount } = await client.query(`select from pg_database where datname = 'cep'`);
      if (rowCount === 0) await client.query('create database cep');
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(50);
    } finally {
      await client.end().catch(() => {});
    }
  }
}

async function logTail(folder: string): Promise<string> {
  const text = await readFile(join(folder, 'postgres.log'), 'utf8').catch(() => '');
  return text.trim().split('\n').slice(-3).join(' | ');
}
