/** Databases of the built-in store, backed up and restored into a fresh app, with their data compared. */
import * as contract from '@cep/contracts/backups';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { user, type World } from '../apps.fixture.ts';
import { LABELS } from '../engine/labels.ts';
import { execIn } from '../exec.fixture.ts';
import { loadBuiltinStore } from '../templates/builtin-store.ts';
import { createBackupWorld } from './backups.fixture.ts';

const LONG = 180_000;

/** What is typed within the container; secrets come from its own environment. */
const psql = (query: string) =>
  `PGPASSWORD="$POSTGRES_PASSWORD" psql --host=127.0.0.1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" --tuples-only --no-align --quiet --command="${query}"`;
const redis = (command: string) => `redis-cli ${command}`;
const mariadb = (query: string) =>
  `MYSQL_PWD="$MARIADB_PASSWORD" mariadb --host=127.0.0.1 --user="$MARIADB_USER" --batch --skip-column-names --execute="${query}" "$MARIADB_DATABASE"`;

const databases = [
  {
    template: 'postgres',
    fill: psql(
      'create table notes as select n, md5(n::text) as text from generate_series(1, 20000) as n; create index on notes (text)',
    ),
    sum: psql("select count(*), md5(string_agg(text, ',' order by n)) from notes"),
    spoil: psql('delete from notes where n > 10'),
  },
  {
    template: 'redis',
    fill: redis(
      `eval "for n = 1, 20000 do redis.call('set', 'k' .. n, redis.sha1hex(tostring(n))) end return 'OK'" 0`,
    ),
    sum: redis(
      `eval "local all = '' for n = 1, 20000 do all = redis.sha1hex(all .. (redis.call('get', 'k' .. n) or '')) end return redis.call('dbsize') .. ' ' .. all" 0`,
    ),
    spoil: redis('flushall'),
  },
  {
    template: 'mariadb',
    fill: mariadb('create table notes as select seq as n, md5(seq) as text from seq_1_to_20000'),
    sum: mariadb('select count(*), md5(group_concat(left(text, 4) order by n)) from notes'),
    spoil: mariadb('delete from notes where n > 10'),
  },
];

requires('postgres', 'docker')('a database', () => {
  let world: World;
  let close: () => Promise<void>;
  const ada = user();
  beforeAll(async () => {
    ({ world, close } = await createBackupWorld({ store: await loadBuiltinStore() }));
  }, LONG);
  afterAll(() => close(), LONG);

  const run = async (app: string, line: string) => {
    const label = [`${LABELS.appName}=${app}`, `${LABELS.service}`];
    const [found] = await world.docker.listContainers({ filters: { label } });
    const container = world.docker.getContainer(found?.Id ?? '');
    const { printed, exitCode } = await execIn(container, ['sh', '-c', line], ['PAGER=cat']);
    if (exitCode !== 0) throw new Error(`${line} ended with ${exitCode}: ${printed}`);
    return printed;
  };

  describe.each(databases)('$template', ({ template, fill, sum, spoil }) => {
    test.each(['stop', 'pause'] as const)(
      'that is backed up by %s has the same data in a fresh app, when the first one is gone',
      async (mode) => {
        const name = `${template}-${mode}`;
        const deployed = await world.deploy(ada, { template, name });
        expect(await world.end(ada, deployed.operation)).toMatchObject({ state: 'succeeded' });
        await run(name, fill);
        const before = await run(name, sum);
        expect(before).toMatch(/^\(?"?20000/);

        const input = { params: { app: name }, body: { mode } };
        const { backup, operation } = await world.call(ada, contract.createBackup, input);
        expect(await world.end(ada, operation)).toMatchObject({ state: 'succeeded' });
        await world.reaches(ada, name, 'running', 60_000);
        expect(await run(name, sum)).toBe(before);
        await run(name, spoil);
        expect(await run(name, sum)).not.toBe(before);
        await world.end(ada, (await world.destroy(ada, name, true)).operation);

        const params = { backup: backup.id };
        const body = { as: `${name}-back`, parameters: {} };
        const restored = await world.call(ada, contract.restoreBackup, { params, body });
        expect(await world.end(ada, restored.operation)).toMatchObject({ state: 'succeeded' });

        expect(await run(`${name}-back`, sum)).toBe(before);
        await world.end(ada, (await world.destroy(ada, `${name}-back`, true)).operation);
      },
      LONG,
    );
  });
});
