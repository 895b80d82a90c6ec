import { testDatabase } from '@cep/testing/database';
import { eventually } from '@cep/testing/eventually';
import { requires } from '@cep/testing/requires';
import { expect, test } from '@jest/globals';
import { connect } from './pool.ts';

requires('postgres')('a pool', () => {
  test('logs the loss of an idle connection, and opens another', async () => {
    const database = await testDatabase();
    const warnings: string[] = [];
    const log = { info() {}, warn: (message: string) => warnings.push(message), error() {} };
    const db = connect(database.url, log);
    const { rows } = await db.query('select pg_backend_pid() as pid');

    await database.query('select pg_terminate_backend($1)', [rows[0].pid]);

    await eventually(async () => expect(warnings).toEqual(['idle database connection lost']));
    expect((await db.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await db.end();
    await database.close();
  });
});
