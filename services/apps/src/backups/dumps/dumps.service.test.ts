/**
 * Databases that are written while they are backed up, with the real engine and the real restic: what a
 * fresh app has of them is of one moment.
 */
import * as contract from '@cep/contracts/backups';
import { eventually } from '@cep/testing/eventually';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { storeOf, user, type World } from '../../apps.fixture.ts';
import type { Engine } from '../../engine/engine.ts';
import { LABELS } from '../../engine/labels.ts';
import { readFrames } from '../../logs/frames.ts';
import { loadBuiltinStore } from '../../templates/builtin-store.ts';
import { createBackupWorld } from '../backups.fixture.ts';

const LONG = 240_000;
const REST = `trap 'exit 0' TERM; sleep 100000 & wait`;
const FILES = `mkdir -p /data/sub; echo text > /data/sub/file`;

const own = storeOf({
  sqlite: `, backup: {dumps: {web: "sqlite:/data/sub/app.db"}}}
services:
  web:
    image: nouchka/sqlite3:latest
    entrypoint: [sh, -c]
    command: ["${FILES}; ${REST}"]
    volumes: ["data:/data"]
    stop_grace_period: 1s
volumes: { data: }
`,
  python: `, backup: {dumps: {web: "sqlite:/data/sub/app.db"}}}
services:
  web:
    image: python:3
    command: [sh, -c, "${FILES}; ${REST}"]
    volumes: ["data:/data"]
    stop_grace_period: 1s
volumes: { data: }
`,
  bare: `, backup: {dumps: {web: "sqlite:/data/app.db"}}}
services:
  web:
    image: busybox:1
    command: [sh, -c, "echo x > /data/app.db; ${REST}"]
    volumes: ["data:/data"]
    stop_grace_period: 1s
volumes: { data: }
`,
  odd: `
services:
  web:
    image: busybox:1
    command: [sh, -c, "${REST}"]
    volumes: ["data:/data"]
    stop_grace_period: 1s
    x-cep: { role: database }
volumes: { data: }
`,
});

const PSQL = `PGPASSWORD="$POSTGRES_PASSWORD" psql --host=127.0.0.1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" -XAtq -v ON_ERROR_STOP=1`;
const MARIADB = `MYSQL_PWD="$MARIADB_ROOT_PASSWORD" mariadb --user=root --batch --skip-column-names`;
const SQLITE = `sqlite3 -batch -cmd '.timeout 20000' /data/sub/app.db`;
const PYTHON = (code: string) =>
  `python3 -c 'import sqlite3, os, time; db = sqlite3.connect("/data/sub/app.db", timeout=20, isolation_level=None)\n${code}'`;
/** Lines for a program that reads them, until it is told to stop. */
const forEver = (line: string, program: string) =>
  `(while [ ! -e /tmp/stop ]; do echo "${line}"; sleep 0.01; done) | ${program}`;

const SQL = 'begin; update a_first set n = n + 1; update z_last set n = n + 1; commit;';
const TABLES = `create table a_first (n int); insert into a_first values (0); create table z_last (n int); insert into z_last values (0);`;
const MOVED = 'echo moved > /tmp/x';

interface Database {
  readonly template: string;
  readonly fill: string;
  /** Adds one to two things at once, that lie apart. */
  readonly write: string;
  /** Prints both numbers. */
  readonly numbers: string;
  /** Prints what nothing writes. */
  readonly sum: string;
}

const databases: Database[] = [
  {
    template: 'postgres',
    fill: `${PSQL} -c "create table middle as select n, md5(n::text) as text from generate_series(1, 200000) as n" -c "${TABLES}" -c "create role extra login password 'other'" -c "create database \\"a b\\" owner extra" && PGDATABASE= && ${PSQL.replace('"$POSTGRES_DB"', '"a b"')} -c "create table t as select 7 as n; alter table t owner to extra"`,
    write: forEver(SQL, PSQL),
    numbers: `${PSQL} -F' ' -c "select a.n, z.n from a_first a, z_last z"`,
    sum: `${PSQL} -c "select count(*), md5(string_agg(text, ',' order by n)) from middle" && ${PSQL.replace('"$POSTGRES_DB"', '"a b"')} -c "select n, tableowner from t, pg_tables where tablename = 't'" && PGPASSWORD=other psql --host=127.0.0.1 --username=extra --dbname="a b" -XAtq -c "select n from t"`,
  },
  {
    template: 'mariadb',
    fill: `${MARIADB} -e "create table middle as select seq as n, md5(seq) as text from seq_1_to_200000; ${TABLES} create user extra@'%' identified by 'other'; create database other; create table other.t as select 7 as n; grant select on other.* to extra@'%'; flush privileges" "$MARIADB_DATABASE"`,
    write: forEver(SQL, `${MARIADB} "$MARIADB_DATABASE"`),
    numbers: `${MARIADB} -e "select a.n, z.n from a_first a, z_last z" "$MARIADB_DATABASE"`,
    sum: `${MARIADB} -e "select count(*), md5(group_concat(left(text, 4) order by n)) from middle" "$MARIADB_DATABASE" && MYSQL_PWD=other mariadb --protocol=tcp --host=127.0.0.1 --user=extra --batch -e "select * from other.t"`,
  },
  {
    template: 'redis',
    fill: `redis-cli set a 0 && redis-cli set z 0 && redis-cli eval "for n = 1, 100000 do redis.call('set', 'k' .. n, redis.sha1hex(tostring(n))) end return 'OK'" 0`,
    write: `(while [ ! -e /tmp/stop ]; do printf 'multi\\nincr a\\nincr z\\nexec\\n'; sleep 0.01; done) | redis-cli > /dev/null`,
    numbers: 'redis-cli mget a z',
    sum: `redis-cli eval "local all = '' for n = 1, 100000 do all = redis.sha1hex(all .. (redis.call('get', 'k' .. n) or '')) end return redis.call('dbsize') .. ' ' .. all" 0`,
  },
  {
    template: 'sqlite',
    fill: `${SQLITE} "pragma journal_mode = wal; pragma user_version = 42; ${TABLES} create table middle as with recursive s(n) as (select 1 union all select n + 1 from s where n < 200000) select n, hex(n * 7919) as text from s;" && chown -R 7:8 /data/sub && chmod 640 /data/sub/app.db`,
    write: forEver(SQL, SQLITE),
    numbers: `${SQLITE} -separator ' ' "select a.n, z.n from a_first a, z_last z"`,
    sum: `${SQLITE} "select count(*), sum(n), sum(length(text)) from middle; pragma user_version; pragma integrity_check" && stat -c '%u:%g %a' /data/sub/app.db && cat /data/sub/file && ls -A /data/sub | grep -v -e -wal -e -shm`,
  },
  {
    template: 'python',
    fill: PYTHON(
      `db.executescript("${TABLES} create table middle as with recursive s(n) as (select 1 union all select n + 1 from s where n < 200000) select n from s")`,
    ),
    write: PYTHON(
      `while not os.path.exists("/tmp/stop"): db.executescript("${SQL}"); time.sleep(0.01)`,
    ),
    numbers: PYTHON('print(*db.execute("select a.n, z.n from a_first a, z_last z").fetchone())'),
    sum: PYTHON(
      'print(*db.execute("select count(*), sum(n) from middle").fetchone(), db.execute("pragma integrity_check").fetchone())',
    ),
  },
];

requires('postgres', 'docker')('a database that is backed up while it is written', () => {
  let world: World;
  let close: () => Promise<void>;
  const ada = user();
  /** What happens when the first piece of a dump has been read, and most of it has not. */
  let onPiece: (() => Promise<void>) | undefined;
  beforeAll(async () => {
    const builtin = await loadBuiltinStore();
    const store = {
      name: builtin.name,
      templates: new Map([...builtin.templates, ...own.templates]),
    };
    const intercept = (engine: Engine): Engine => ({
      ...engine,
      async writePiece(...piece) {
        await onPiece?.();
        return engine.writePiece(...piece);
      },
    });
    ({ world, close } = await createBackupWorld({ store, intercept }));
  }, LONG);
  afterAll(() => close(), LONG);

  const containerOf = async (app: string) => {
    const label = [`${LABELS.appName}=${app}`, `${LABELS.service}`];
    const [found] = await world.docker.listContainers({ filters: { label } });
    return world.docker.getContainer(found?.Id ?? '');
  };
  const begin = async (app: string, line: string) => {
    const Cmd = ['sh', '-c', line];
    const exec = await (await containerOf(app)).exec({
      ...{ Cmd, AttachStdout: true, AttachStderr: true },
    });
    const stream = await exec.start({ hijack: true, stdin: false });
    const printed = (async () => {
      let text = '';
      for await (const { bytes } of readFrames(stream)) text += Buffer.from(bytes).toString();
      return text.trim();
    })();
    return {
      async end() {
        const text = await printed;
        const { ExitCode } = await exec.inspect();
        if (ExitCode !== 0) throw new Error(`${line} ended with ${ExitCode}: ${text}`);
        return text;
      },
    };
  };
  const run = async (app: string, line: string) => (await begin(app, line)).end();
  const deploy = async (template: string) =>
    expect(await world.end(ada, (await world.deploy(ada, { template })).operation)).toMatchObject({
      state: 'succeeded',
    });
  const destroy = async (app: string) =>
    world.end(ada, (await world.destroy(ada, app, true)).operation);
  const askFor = (app: string) =>
    world.call(ada, contract.createBackup, { params: { app }, body: { mode: 'hot' } });
  const backUp = async (app: string) => {
    const { backup, operation } = await askFor(app);
    await world.end(ada, operation);
    return world.call(ada, contract.getBackup, { params: { backup: backup.id } });
  };
  const restore = async (backup: string, as?: string) => {
    const body = { parameters: {}, ...(as !== undefined && { as }) };
    const input = { params: { backup }, body };
    return world.end(ada, (await world.call(ada, contract.restoreBackup, input)).operation);
  };
  const numbers = async (app: string, line: string) =>
    (await run(app, line)).split(/\s+/).map(Number);
  const helpers = async () =>
    (await world.left()).containers.filter(({ Labels }) => LABELS.helper in Labels);

  test.each(databases)(
    '$template goes on, and a fresh app has what it had at one moment',
    async ({ template: app, fill, write, numbers: both, sum }) => {
      await deploy(app);
      await run(app, fill);
      const what = await run(app, sum);
      const { Id } = await (await containerOf(app)).inspect();
      const writer = await begin(app, write);
      let before = 0;
      while (before < 3) [before = 0] = await numbers(app, both);

      const backup = await backUp(app);

      expect(backup).toMatchObject({ state: 'complete', mode: 'hot', reason: null });
      expect(backup.dumps).toHaveLength(1);
      const [after = 0] = await numbers(app, both);
      expect(after).toBeGreaterThan(before);
      expect((await (await containerOf(app)).inspect()).Id).toBe(Id);
      await run(app, `${MOVED}; touch /tmp/stop`);
      await writer.end();

      expect(await restore(backup.id, `${app}-copy`)).toMatchObject({ state: 'succeeded' });
      const [a = -1, z = -2] = await numbers(`${app}-copy`, both);
      expect(a).toBe(z);
      expect(a).toBeGreaterThanOrEqual(before);
      expect(a).toBeLessThanOrEqual(after);
      expect(await run(`${app}-copy`, sum)).toBe(what);
      await destroy(`${app}-copy`);

      // Over itself, and again from what has stopped and started meanwhile.
      expect(await restore(backup.id)).toMatchObject({ state: 'succeeded' });
      expect(await numbers(app, both)).toEqual([a, a]);
      expect(await run(app, sum)).toBe(what);
      expect(await helpers()).toEqual([]);
      await destroy(app);
    },
    LONG,
  );

  describe('whose dump', () => {
    beforeAll(() => deploy('postgres'), LONG);
    afterAll(() => destroy('postgres'), LONG);

    test(
      'fails has no backup; it says why, and nothing that is secret',
      async () => {
        await run('postgres', `${PSQL} -c "alter role \\"$POSTGRES_USER\\" password 'changed'"`);

        const backup = await backUp('postgres');

        expect(backup).toMatchObject({
          state: 'failed',
          snapshot: null,
          reason: { code: 'dump-failed', next: expect.stringContaining('--mode stop') },
        });
        expect(backup.reason?.message).toContain('authentication failed');
        const { parameters } = await world.show(ada, 'postgres', true);
        const { PASSWORD: password = '' } = parameters;
        expect(password).toMatch(/^\w{20,}$/);
        expect(JSON.stringify(backup)).not.toContain(password);
        expect(await world.show(ada, 'postgres')).toMatchObject({ state: 'running' });
        expect(await helpers()).toEqual([]);
        const socket = `psql --host=/run/postgresql --username="$POSTGRES_USER" --dbname="$POSTGRES_DB"`;
        await run(
          'postgres',
          `${socket} -c "alter role \\"$POSTGRES_USER\\" password '$POSTGRES_PASSWORD'"`,
        );
      },
      LONG,
    );

    test(
      'is killed in the middle has no backup, however much of it was there',
      async () => {
        await run(
          'postgres',
          `${PSQL} -c "create table a_big as select n, repeat(md5(n::text), 30) as text from generate_series(1, 40000) as n"`,
        );
        onPiece = async () => {
          onPiece = undefined;
          // It is still printing: nobody reads it meanwhile.
          await begin('postgres', 'kill -9 $(busybox pidof pg_dump)');
          await eventually(async () => {
            const { Processes } = await (await containerOf('postgres')).top();
            expect(JSON.stringify(Processes)).not.toContain('pg_dump');
          });
        };
        const { backup, operation } = await askFor('postgres');

        expect(await world.end(ada, operation)).toMatchObject({
          state: 'failed',
          failure: { code: 'dump-failed' },
        });
        const input = { params: { backup: backup.id } };
        const shown = await world.call(ada, contract.getBackup, input);
        expect(shown).toMatchObject({ state: 'failed', snapshot: null });
        await expect(restore(backup.id, 'half')).rejects.toMatchObject({ code: 'backup-unusable' });
        expect(await helpers()).toEqual([]);

        expect(await backUp('postgres')).toMatchObject({ state: 'complete' });
      },
      LONG,
    );
  });

  test(
    'is refused where nothing can dump it, with the way out',
    async () => {
      await deploy('bare');
      expect(await backUp('bare')).toMatchObject({
        state: 'failed',
        reason: {
          code: 'dump-failed',
          message: expect.stringContaining('no sqlite3'),
          next: expect.stringContaining('--mode stop'),
        },
      });
      await destroy('bare');

      await deploy('odd');
      await expect(askFor('odd')).rejects.toMatchObject({
        code: 'invalid-request',
        message: expect.stringContaining('--mode stop'),
      });
      await destroy('odd');
    },
    LONG,
  );
});
