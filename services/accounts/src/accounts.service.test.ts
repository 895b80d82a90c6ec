import type { AnonymousCaller } from '@cep/contracts/caller';
import {
  changePassword,
  createToken,
  listTokens,
  revokeToken,
  signIn,
  signOut,
  whoAmI,
} from '@cep/contracts/users';
import { type TestDatabase, testDatabase } from '@cep/testing/database';
import { eventually } from '@cep/testing/eventually';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { clientFor, holder, PASSWORD, startOn } from './accounts.fixture.ts';
import type { RunningAccounts } from './service.ts';
import { deleteExpired } from './tokens/store.ts';

requires('postgres')('accounts', () => {
  let database: TestDatabase;
  let accounts: RunningAccounts;
  let admin: string;
  let hashed: string;

  beforeAll(async () => {
    database = await testDatabase();
    accounts = await startOn(database.url, PASSWORD);
    await database.query('set search_path = accounts');
    const { rows } = await database.query('select password_hash as hash from users');
    hashed = rows[0].hash;
    database.on('connect', (client) => void client.query('set search_path = accounts'));
  });
  afterAll(async () => {
    await accounts.stop();
    await database.close();
  });
  beforeEach(async () => {
    await database.query('delete from accounts.tokens');
    admin = (await accounts.signInOperator('test')).secret;
  });

  let visitors = 0;
  const visitor = (): AnonymousCaller => {
    visitors += 1;
    return { kind: 'anonymous', address: `192.0.2.${visitors}` };
  };
  const tryPassword = async (password: string, { username = 'admin', from = visitor() } = {}) =>
    (await clientFor(accounts, from)).call(signIn, { body: { username, password } });
  const as = async (secret: string) => clientFor(accounts, await holder(accounts, secret));
  const makeToken = async (name: string, expiresInDays?: number) =>
    (await as(admin)).call(createToken, {
      body: { name, ...(expiresInDays && { expiresInDays }) },
    });
  const setPassword = async (secret: string, current: string, next: string) =>
    (await as(secret)).call(changePassword, { body: { current, next } });
  const refused = (secret: string) =>
    expect(holder(accounts, secret)).rejects.toMatchObject({ code: 'not-signed-in' });

  describe('signing in', () => {
    test('gives a session of 30 days that says who it is', async () => {
      const { secret, user, expiresAt } = await tryPassword(PASSWORD);

      const client = await as(secret);
      expect(await client.call(whoAmI, {})).toMatchObject({
        user: { username: 'admin', role: 'admin', id: user.id },
        project: { name: 'home' },
        expiresAt,
      });
      const days = (Date.parse(expiresAt) - Date.now()) / 86_400_000;
      expect(days).toBeCloseTo(30, 1);
    });

    test('twice at once gives two sessions, and signing out ends one of them', async () => {
      const [one, two] = await Promise.all([tryPassword(PASSWORD), tryPassword(PASSWORD)]);

      await (await as(one.secret)).call(signOut, {});

      await refused(one.secret);
      expect(await holder(accounts, two.secret)).toMatchObject({ username: 'admin' });
    });

    test.each([
      ['a wrong password', 'admin', 'wrong'],
      ['an unknown user', 'nobody', PASSWORD],
      ['what is no name', "admin' or '1'='1", PASSWORD],
    ])('refuses %s, and does not say which it is', async (_, username, password) => {
      await expect(tryPassword(password, { username })).rejects.toMatchObject({
        code: 'wrong-credentials',
        message: 'The username or the password is wrong.',
      });
    });

    test('is limited per user and address, also for many tries at once, and says when', async () => {
      const from = visitor();

      const results = await Promise.allSettled(
        Array.from({ length: 15 }, () => tryPassword('wrong', { from })),
      );

      const codes = results.map((each) => each.status === 'rejected' && each.reason.code);
      expect(codes.filter((code) => code === 'wrong-credentials')).toHaveLength(10);
      await expect(tryPassword(PASSWORD, { from })).rejects.toMatchObject({
        code: 'too-many-requests',
        members: { retryAfterSeconds: expect.any(Number) },
      });
      expect(await tryPassword(PASSWORD)).toMatchObject({ user: { username: 'admin' } });
    });

    test('is not limited for those who get it right', async () => {
      const from = visitor();

      for (let n = 0; n < 12; n++) {
        expect(await tryPassword(PASSWORD, { from })).toMatchObject({ user: { role: 'admin' } });
      }
    });
  });

  describe('a secret', () => {
    test('stands in no row of no table', async () => {
      const session = await tryPassword(PASSWORD);
      const token = await makeToken('laptop');
      const { rows: tables } = await database.query<{ name: string }>(
        `select tablename as name from pg_tables where schemaname = 'accounts'`,
      );

      for (const { name } of tables) {
        const { rows } = await database.query(`select t::text as text from accounts.${name} t`);
        const text = JSON.stringify(rows);
        for (const secret of [session.secret, token.secret, PASSWORD]) {
          expect(text).not.toContain(secret);
          expect(text).not.toContain(Buffer.from(secret).toString('hex'));
        }
      }
      expect(tables.length).toBeGreaterThan(4);
    });

    test.each(['', 'x', 'cep_', `cep_${'A'.repeat(43)}`, 'cep_\u0000'])(
      'that nobody was given, such as %j, is refused',
      async (secret) => {
        await expect(holder(accounts, secret)).rejects.toMatchObject({
          code: secret === '' ? 'invalid-request' : 'not-signed-in',
        });
      },
    );
  });

  describe('a token', () => {
    test('is shown once, listed without its secret, and refused as soon as it is revoked', async () => {
      const { secret, token } = await makeToken('laptop', 7);
      const client = await as(admin);

      const { tokens } = await client.call(listTokens, {});
      expect(tokens).toContainEqual(token);
      expect(JSON.stringify(tokens)).not.toContain(secret);

      expect(await holder(accounts, secret)).toMatchObject({ username: 'admin' });
      await client.call(revokeToken, { params: { token: 'laptop' } });
      await refused(secret);
      await expect(client.call(revokeToken, { params: { token: 'laptop' } })).rejects.toMatchObject(
        {
          code: 'not-found',
        },
      );
    });

    test('has a name that no other of the user has', async () => {
      const { secret } = await makeToken('laptop');

      await expect(makeToken('laptop')).rejects.toMatchObject({ code: 'name-taken' });

      expect(await holder(accounts, secret)).toMatchObject({ username: 'admin' });
    });

    test('is refused once it has expired, before and after it is swept', async () => {
      const { secret } = await makeToken('laptop', 1);
      await database.query(`update accounts.tokens set expires_at = now() where name = 'laptop'`);

      await refused(secret);
      expect((await (await as(admin)).call(listTokens, {})).tokens).toHaveLength(1);
      expect(await deleteExpired(database)).toBe(1);
      await refused(secret);
    });

    test('has its last use noted at most once a minute', async () => {
      const { secret } = await makeToken('laptop');
      const lastUse = async () => {
        const { tokens } = await (await as(admin)).call(listTokens, {});
        return tokens.find(({ name }) => name === 'laptop')?.lastUsedAt;
      };
      expect(await lastUse()).toBeNull();

      await holder(accounts, secret);
      const first = await lastUse();
      await holder(accounts, secret);
      expect(first).toEqual(expect.any(String));
      expect(await lastUse()).toBe(first);

      await database.query(`update accounts.tokens set last_used_at = now() - interval '61 s'`);
      await holder(accounts, secret);
      expect(Date.parse((await lastUse()) ?? '')).toBeGreaterThanOrEqual(Date.parse(first ?? ''));
    });

    test('acts in the project that is asked for, if its holder is a member', async () => {
      const own = await holder(accounts, admin, 'home');
      expect(own).toMatchObject({ projectName: 'home' });
      expect(own).not.toHaveProperty('isOutsider');
      await database.query(
        `insert into accounts.projects (id, name) values (gen_random_uuid(), 'others')`,
      );
      const refused = async (project: string) =>
        expect(holder(accounts, admin, project)).rejects.toMatchObject({
          code: 'forbidden',
          message: `You are not a member of a project "${project}".`,
        });
      const become = (role: string) =>
        database.query(`update accounts.users set role = '${role}' where username = 'admin'`);

      await become('user');
      await refused('others');
      await become('admin');
      await refused('none');
    });

    test('of an administrator acts in any project that is named, as an outsider', async () => {
      expect(await holder(accounts, admin, 'others')).toMatchObject({
        projectName: 'others',
        isOutsider: true,
      });
    });
  });

  describe('changing the password', () => {
    const NEXT = 'a better horse battery';

    test('ends every other credential, and the old password', async () => {
      const mine = await tryPassword(PASSWORD);
      const other = await tryPassword(PASSWORD);

      await setPassword(mine.secret, PASSWORD, NEXT);

      expect(await holder(accounts, mine.secret)).toMatchObject({ username: 'admin' });
      await refused(other.secret);
      await refused(admin);
      await expect(tryPassword(PASSWORD)).rejects.toMatchObject({ code: 'wrong-credentials' });
      await setPassword(mine.secret, NEXT, PASSWORD);
    });

    test('needs the current one, and changes nothing without', async () => {
      for (const current of ['wrong', '']) {
        await expect(setPassword(admin, current, NEXT)).rejects.toMatchObject({
          code: 'wrong-credentials',
        });
      }
      expect(await tryPassword(PASSWORD)).toMatchObject({ user: { username: 'admin' } });
    });

    test.each([
      ['session', () => tryPassword(PASSWORD), 'wrong-credentials'],
      ['token', () => makeToken('meanwhile'), 'not-signed-in'],
    ])('leaves no %s that was being made meanwhile', async (_, make, code) => {
      const change = await database.connect();
      await change.query(`begin; update accounts.users set password_hash = 'another'`);

      const made = make().catch((problem: unknown) => problem);
      await eventually(async () => {
        const { rowCount } = await database.query(
          `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
        );
        expect(rowCount).toBe(1);
      });
      await change.query('delete from accounts.tokens');
      await change.query('commit');

      expect(await made).toMatchObject({ code });
      expect((await database.query('select from accounts.tokens')).rowCount).toBe(0);
      await change.query(`update accounts.users set password_hash = $1`, [hashed]);
      change.release();
    });
  });

  test('a request of nobody is refused where a user is needed', async () => {
    const stranger = await clientFor(accounts, visitor());

    await expect(stranger.call(whoAmI, {})).rejects.toMatchObject({ code: 'not-signed-in' });
    await expect(stranger.call(createToken, { body: { name: 'x' } })).rejects.toMatchObject({
      code: 'not-signed-in',
    });
  });
});
