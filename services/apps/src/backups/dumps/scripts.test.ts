/** The scripts with a real shell, and programs that only say how they were called. */
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { KINDS } from './kinds.ts';

const run = promisify(execFile);
const SECRET = "it's: secret";

describe.each(Object.entries(KINDS))('the script of %s', (_name, { dump, load }) => {
  test.each([dump, load])('is one that a shell can read', async (script) => {
    await expect(run('sh', ['-n', '-c', script])).resolves.toMatchObject({ stderr: '' });
  });
});

describe('a password is in no command line, but reaches', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cep-scripts-'));
    const told = {
      mongodump: 'echo "$@"; cat <&3',
      mongorestore: 'echo "$@"; cat <&3',
      psql: 'echo "psql $@ as $PGUSER with $PGPASSWORD"',
      pg_dumpall: 'echo "pg_dumpall $@"',
      pg_dump: 'echo "pg_dump $@ of $PGDATABASE"',
      mysqldump: 'echo "$@ with $MYSQL_PWD"',
      'redis-cli':
        'case "$*" in ping) echo PONG;; config*) echo "$3"; echo "value";; *) echo "$@ with $REDISCLI_AUTH";; esac',
    };
    for (const [name, script] of Object.entries(told)) {
      await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
      await chmod(join(folder, name), 0o755);
    }
    await writeFile(join(folder, 'secret'), `${SECRET}\n`);
  });
  afterAll(() => rm(folder, { recursive: true }));

  const say = async (script: string, env: Record<string, string>) =>
    (await run('sh', ['-c', script], { env: { PATH: `${folder}:/usr/bin:/bin`, ...env } })).stdout;

  test('mongodump, by a file that is none', async () => {
    const env = { MONGO_INITDB_ROOT_USERNAME: 'root', MONGO_INITDB_ROOT_PASSWORD: SECRET };

    expect(await say(KINDS.mongo.dump, env)).toBe(
      "--archive --quiet --host=127.0.0.1 --username=root --authenticationDatabase=admin --config=/dev/fd/3\npassword: 'it''s: secret'\n",
    );
  });

  test('mongodump of a database without accounts, which has none', async () => {
    expect(await say(KINDS.mongo.dump, {})).toContain(
      '--archive --quiet --host=127.0.0.1 --config',
    );
  });

  test('PostgreSQL, also from a file; databases may be called anything', async () => {
    const env = { POSTGRES_USER: 'ada', POSTGRES_PASSWORD_FILE: join(folder, 'secret') };
    const [off, globals, on, first, last] = (await say(KINDS.postgres.dump, env)).split('\n');

    expect([off, globals, on]).toEqual([
      '\\set ON_ERROR_STOP off',
      'pg_dumpall --globals-only --database=ada',
      '\\set ON_ERROR_STOP on',
    ]);
    expect(first).toMatch(/^pg_dump --create .* of psql -XAtq .* as ada with it's: secret$/);
    expect(last).toBe('-- cep: complete');
  });

  test('MySQL, as root or, where root is nobody, as the user for its own database', async () => {
    const own = { MYSQL_USER: 'ada', MYSQL_PASSWORD: SECRET, MYSQL_DATABASE: 'shop' };

    expect(await say(KINDS.mysql.dump, { ...own, MYSQL_ROOT_PASSWORD: SECRET })).toMatch(
      /^--user=root .*--all-databases --flush-privileges with it's: secret\n/,
    );
    expect(await say(KINDS.mysql.dump, own)).toMatch(
      /^--user=ada .*--no-tablespaces --databases shop with it's: secret\n/,
    );
  });

  test('Redis, after what its files are called', async () => {
    expect(await say(KINDS.redis.dump, { REDIS_PASSWORD: SECRET })).toBe(
      `${'value\n'.repeat(5)}--rdb - with ${SECRET}\n`,
    );
  });
});
