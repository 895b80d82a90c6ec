import { changePassword, signIn } from '@cep/contracts/users';
import { type TestDatabase, testDatabase } from '@cep/testing/database';
import { requires } from '@cep/testing/requires';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { clientFor, holder, PASSWORD, startOn } from './accounts.fixture.ts';
import type { RunningAccounts } from './service.ts';

requires('postgres')('the first administrator', () => {
  let database: TestDatabase;
  const running: RunningAccounts[] = [];
  const start = async (password?: string) => {
    const accounts = await startOn(database.url, password);
    running.push(accounts);
    return accounts;
  };
  const tryPassword = async (accounts: RunningAccounts, password: string) =>
    (await clientFor(accounts, { kind: 'anonymous', address: '192.0.2.1' })).call(signIn, {
      body: { username: 'admin', password },
    });

  beforeEach(async () => {
    database = await testDatabase();
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((each) => each.stop()));
    await database.close();
  });

  test('is made once by several that start at once, with the password they were told', async () => {
    const [first] = await Promise.all([start(PASSWORD), start(PASSWORD), start(PASSWORD)]);
    await start('another password');

    const { rows } = await database.query(
      'select username, role, name from accounts.users join accounts.projects on projects.id = project_id',
    );
    expect(rows).toEqual([{ username: 'admin', role: 'admin', name: 'home' }]);
    if (!first) throw new Error('none started');
    expect(await tryPassword(first, PASSWORD)).toMatchObject({ user: { role: 'admin' } });
  });

  test('is not made without a password, and there is no default one', async () => {
    const accounts = await start();

    expect((await database.query('select from accounts.users')).rowCount).toBe(0);
    for (const password of ['admin', 'password', 'cep']) {
      await expect(tryPassword(accounts, password)).rejects.toMatchObject({
        code: 'wrong-credentials',
      });
    }
  });

  test('is made for the operator, who is signed in once for each name, and sets a password', async () => {
    const accounts = await start();

    const [one, two] = await Promise.all([
      accounts.signInOperator('one'),
      accounts.signInOperator('two'),
    ]);
    const again = await accounts.signInOperator('one');

    await expect(holder(accounts, one.secret)).rejects.toMatchObject({ code: 'not-signed-in' });
    expect(await holder(accounts, two.secret)).toMatchObject({ projectName: 'home' });
    expect(again.user).toMatchObject({ username: 'admin', role: 'admin' });
    const admin = await clientFor(accounts, await holder(accounts, again.secret));
    await admin.call(changePassword, { body: { next: PASSWORD } });
    expect(await tryPassword(accounts, PASSWORD)).toMatchObject({ user: { username: 'admin' } });
  });
});
